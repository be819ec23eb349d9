import type { KubeRequest, KubeTransport } from '../../../src/kube/transport.ts';
import { decodeWatch, type WatchEvent } from '../../../src/kube/watch-decoder.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { Normaliser } from './normaliser.ts';
import { resolvePath } from './paths.ts';

// oxlint-disable-next-line typescript/no-explicit-any
export type Body = any;

/** One question and its answer, as it is compared. */
export type Exchange = Readonly<Record<string, unknown>>;

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** What of the answer is compared: all of it, all with managedFields, or the members at these dotted paths. */
  readonly show?: 'everything' | readonly string[];
  /** Of a failure, status, reason and fields are compared; its words, which tell what Go's decoders found, are not. */
  readonly words?: 'any';
}

export interface Answer {
  readonly status: number;
  readonly body: Body;
}

/** What a server must offer beside its API, so that a case can make it forget. */
export interface FidelityServer {
  readonly transport: KubeTransport;
  /** Compacts the storage: what was before is no longer readable, for lists as well as for watches. */
  readonly compact: () => Promise<void>;
}

const MAX_ASK_LENGTH = 160;
const EVENT_LIMIT_MS = 20_000;
const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Asks a server in the name of one case and writes down what it answers. */
export class Probe {
  readonly namespace: string;
  readonly transcript: Exchange[] = [];
  readonly #server: FidelityServer;
  readonly #normaliser: Normaliser;
  readonly #closing = new AbortController();

  constructor(server: FidelityServer, namespace: string) {
    this.#server = server;
    this.namespace = namespace;
    this.#normaliser = new Normaliser(namespace);
  }

  get(path: string, options?: AskOptions): Promise<Answer> {
    return this.#ask('GET', path, undefined, options);
  }
  post(path: string, body: unknown, options?: AskOptions): Promise<Answer> {
    return this.#ask('POST', path, body, options);
  }
  put(path: string, body: unknown, options?: AskOptions): Promise<Answer> {
    return this.#ask('PUT', path, body, options);
  }
  patch(type: keyof typeof PATCH_TYPES, path: string, body: unknown, options: AskOptions = {}): Promise<Answer> {
    const headers = { 'content-type': PATCH_TYPES[type], ...options.headers };
    return this.#ask('PATCH', path, body, { ...options, headers });
  }
  delete(path: string, body?: unknown, options?: AskOptions): Promise<Answer> {
    return this.#ask('DELETE', path, body, options);
  }

  /** Creates what the case starts from, and gives it. It is not part of the transcript. @throws Error when it fails */
  async given(path: string, body: unknown): Promise<Body> {
    const answer = await this.#exchange('POST', path, body, {});
    if (answer.status >= 300) throw new Error(`POST ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Reads without a trace in the transcript. */
  async look(path: string): Promise<Body> {
    return (await this.#exchange('GET', path, undefined, {})).body;
  }

  /** Writes down what follows from what was read, where the answers themselves differ from run to run. */
  conclude(what: string, is: boolean): void {
    this.transcript.push({ what, is });
  }

  compact(): Promise<void> {
    return this.#server.compact();
  }

  async watch(path: string, options: AskOptions = {}): Promise<Watch> {
    const { path: resolved, query } = this.#resolve(path);
    const stream = await this.#server.transport.stream({
      method: 'GET',
      path: resolved,
      query: { watch: 'true', ...query },
      headers: options.headers ?? {},
      signal: this.#closing.signal,
    });
    const events: unknown[] = [];
    const { status } = stream;
    this.transcript.push({ ask: `WATCH ${this.#askedFor(path)}`, status, events });
    if (status === 200) {
      return new Watch(decodeWatch<Body>(stream.chunks), (event) => {
        events.push({ type: event.type, object: this.#shown(event.object, options.show) });
      });
    }
    let text = '';
    for await (const chunk of stream.chunks) text += Buffer.from(chunk).toString('utf8');
    const failure = this.#failure(JSON.parse(text), options.words);
    this.transcript.splice(-1, 1, { ask: `WATCH ${this.#askedFor(path)}`, status, failure });
    return new Watch((async function* none() {})(), () => {});
  }

  /** Ends all watches. */
  close(): void {
    this.#closing.abort(new Error('the case is over'));
  }

  async #ask(method: KubeRequest['method'], path: string, body: unknown, options: AskOptions = {}): Promise<Answer> {
    const answer = await this.#exchange(method, path, body, options);
    const { warning } = answer.headers;
    this.transcript.push({
      ask: `${method} ${this.#askedFor(path)}`,
      status: answer.status,
      ...(warning === undefined ? {} : { warning: this.#normaliser.text(warning) }),
      ...(isFailure(answer)
        ? { failure: this.#failure(answer.body, options.words) }
        : { body: this.#shown(answer.body, options.show) }),
    });
    return answer;
  }

  async #exchange(
    method: KubeRequest['method'],
    path: string,
    body: unknown,
    { headers = {} }: AskOptions,
  ): Promise<Answer & { headers: Readonly<Record<string, string>> }> {
    const response = await this.#server.transport.request({
      method,
      ...this.#resolve(path),
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = response.headers['content-type']?.startsWith('application/json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(response.body) : response.body,
    };
  }

  #resolve(path: string): { path: string; query: Record<string, string> } {
    const url = new URL(resolvePath(path, this.namespace), 'http://server');
    return { path: url.pathname, query: Object.fromEntries(url.searchParams) };
  }

  /** Without what a server gave to the case before: versions and tokens. */
  #askedFor(path: string): string {
    const plain = this.#normaliser.text(path).replace(/(continue=)[^&]{20,}/, '$1<token>');
    return plain.length > MAX_ASK_LENGTH ? `${plain.slice(0, MAX_ASK_LENGTH)}…` : plain;
  }

  /** The members of a Status that differ between failures. */
  #failure({ kind: _kind, apiVersion: _version, status: _status, code: _code, ...told }: Body, words?: 'any'): unknown {
    const { metadata, message, reason, details } = this.#normaliser.value(told) as Body;
    const causes = distinct(details?.causes ?? []);
    if (words === 'any')
      return { reason, ...(causes.length === 0 ? {} : { fields: causes.map(({ field }) => field) }) };
    return {
      // Several causes come in the order of a Go map: none.
      ...(causes.length > 1 ? {} : { message }),
      reason,
      ...(details === undefined ? {} : { details: causes.length === 0 ? details : { ...details, causes } }),
      ...(Object.keys(metadata ?? {}).length === 0 ? {} : { metadata }),
    };
  }

  #shown(body: unknown, show: AskOptions['show']): unknown {
    const value = this.#normaliser.value(body, show === 'everything' || (Array.isArray(show) && show.some(isManaged)));
    if (show === undefined || show === 'everything') return value;
    return Object.fromEntries(show.map((path) => [path, valueAt(value, path.split('.'))]));
  }
}

/** In an order of their own, each once: some checks run twice. */
function distinct(causes: readonly Body[]): readonly Body[] {
  const texts = new Set(causes.map((cause) => JSON.stringify(cause)));
  return [...texts].sort().map((text) => JSON.parse(text));
}

/** A failure that says what every failure says. */
function isFailure({ status, body }: Answer): boolean {
  return body?.kind === 'Status' && body.apiVersion === 'v1' && body.status === 'Failure' && body.code === status;
}

function isManaged(path: string): boolean {
  return path.startsWith('metadata.managedFields');
}

/** `*` stands for all items of a list. A value that is not there is null. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value ?? null;
  if (key === '*') return Array.isArray(value) ? value.map((item) => valueAt(item, rest)) : null;
  if (typeof value !== 'object' || value === null) return null;
  return valueAt((value as Record<string, unknown>)[key], rest);
}

/** A running watch; what is taken from it goes into the transcript. */
export class Watch {
  readonly #events: AsyncIterator<WatchEvent<Body>>;
  readonly #record: (event: WatchEvent<Body>) => void;

  constructor(events: AsyncGenerator<WatchEvent<Body>>, record: (event: WatchEvent<Body>) => void) {
    this.#events = events;
    this.#record = record;
  }

  /** The next events. Fails when they do not come. */
  async take(count: number): Promise<void> {
    for (let taken = 0; taken < count; taken++) {
      const event = await this.#next();
      if (event === undefined) throw new Error(`the watch ended after ${taken} of ${count} events`);
      this.#record(event);
    }
  }

  /** Waits for an event, without a trace in the transcript of it and those before. */
  async until(isMeant: (event: WatchEvent<Body>) => boolean): Promise<void> {
    for (;;) {
      const event = await this.#next();
      if (event === undefined) throw new Error('the watch ended before the event that was waited for');
      if (isMeant(event)) return;
    }
  }

  /** The rest, to the end of the stream. */
  async end(): Promise<void> {
    for (let event = await this.#next(); event !== undefined; event = await this.#next()) this.#record(event);
  }

  async #next(): Promise<WatchEvent<Body> | undefined> {
    const late = Promise.withResolvers<never>();
    const fail = (): void => late.reject(new Error(`no event within ${EVENT_LIMIT_MS / 1000} s`));
    const timer = systemClock.schedule(EVENT_LIMIT_MS, fail);
    try {
      const next = await Promise.race([this.#events.next(), late.promise]);
      return next.done === true ? undefined : next.value;
    } finally {
      timer.cancel();
    }
  }
}
