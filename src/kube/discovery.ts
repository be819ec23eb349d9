import type { Clock } from '../runtime/clock.ts';
import { ApiError, asTransportError } from './api-error.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import type { KubeRequest, KubeTransport } from './transport.ts';

/** CRDs come (an Istio is installed) and rarely go. */
const PRESENT_TTL_MS = 10 * 60_000;
const ABSENT_TTL_MS = 60_000;

interface Found {
  readonly at: number;
  readonly plurals: Promise<ReadonlySet<string> | undefined>;
}

/** What the API server serves. That it lacks a group is an answer, not an error; only failing to ask rejects. */
export class Discovery {
  readonly #transport: KubeTransport;
  readonly #clock: Clock;
  readonly #found = new Map<string, Found & { ttlMs: number }>();

  constructor(transport: KubeTransport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  async has(resource: Resource): Promise<boolean> {
    return (await this.#plurals(resource))?.has(resource.plural) ?? false;
  }

  /** The first of several versions of a kind that the server has. */
  async firstOf(candidates: readonly Resource[]): Promise<Resource | undefined> {
    for (const candidate of candidates) {
      if (await this.has(candidate)) {
        return candidate;
      }
    }
    return undefined;
  }

  #plurals(resource: Resource): Promise<ReadonlySet<string> | undefined> {
    const groupVersion = apiVersionOf(resource);
    const known = this.#found.get(groupVersion);
    if (known !== undefined && this.#clock.monotonic() - known.at < known.ttlMs) {
      return known.plurals;
    }
    const plurals = this.#ask(resource);
    const entry = { at: this.#clock.monotonic(), plurals, ttlMs: PRESENT_TTL_MS };
    this.#found.set(groupVersion, entry);
    plurals.then(
      (answer) => {
        entry.ttlMs = answer === undefined ? ABSENT_TTL_MS : PRESENT_TTL_MS;
      },
      () => this.#found.delete(groupVersion),
    );
    return plurals;
  }

  async #ask(resource: Resource): Promise<ReadonlySet<string> | undefined> {
    const path = `/${resource.group === '' ? 'api' : 'apis'}/${apiVersionOf(resource)}`;
    const request: KubeRequest = { method: 'GET', path };
    const response = await this.#transport.request(request).catch((error: unknown) => {
      throw asTransportError(error, request);
    });
    if (response.status === 404) {
      return undefined;
    }
    if (response.status !== 200) {
      throw ApiError.fromResponse(request, response);
    }
    const { resources = [] } = JSON.parse(response.body) as {
      readonly resources?: readonly { readonly name: string }[];
    };
    return new Set(resources.map(({ name }) => name));
  }
}
