import type { KubeRequest, KubeStream } from '../../../src/kube/transport.ts';
import { ApiServer } from '../../../src/simulator/api-server.ts';
import { InProcessTransport, type TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Readonly<Record<string, string>>;
}

export const NAMESPACED = '/api/v1/namespaces/default';
export const CONFIG_MAPS = `${NAMESPACED}/configmaps`;
export const PODS = `${NAMESPACED}/pods`;
export const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

/** A simulator on a virtual clock, and short ways to talk to it. */
export class TestCluster {
  readonly clock = new VirtualClock(Date.UTC(2026, 0, 1));
  readonly server: ApiServer;
  readonly transport: InProcessTransport;

  constructor(options: { readonly historyLimit?: number; readonly hooks?: TransportHooks } = {}) {
    const { historyLimit, hooks } = options;
    this.server = new ApiServer({ clock: this.clock, ...(historyLimit === undefined ? {} : { historyLimit }) });
    this.transport = new InProcessTransport(this.server, {
      clock: this.clock,
      ...(hooks === undefined ? {} : { hooks }),
    });
  }

  async send(
    method: KubeRequest['method'],
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const url = new URL(path, 'http://x');
    const response = await this.transport.request({
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
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

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }
  post(path: string, body: unknown): Promise<Answer> {
    return this.send('POST', path, body);
  }
  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, body);
  }
  merge(path: string, patch: unknown): Promise<Answer> {
    return this.send('PATCH', path, patch, { 'content-type': 'application/merge-patch+json' });
  }
  delete(path: string, options?: unknown): Promise<Answer> {
    return this.send('DELETE', path, options);
  }

  /** A request that has to succeed: gives the object. */
  async must(answer: Promise<Answer>): Promise<Json> {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return body;
  }

  createConfigMap(name: string, more: Json = {}): Promise<Json> {
    const { metadata, ...rest } = more;
    return this.must(this.post(CONFIG_MAPS, { metadata: { name, ...metadata }, ...rest }));
  }

  async watch(path: string): Promise<WatchProbe> {
    const url = new URL(path, 'http://x');
    const query = { watch: 'true', ...Object.fromEntries(url.searchParams) };
    return new WatchProbe(this, await this.transport.stream({ method: 'GET', path: url.pathname, query }));
  }

  async names(path: string): Promise<string[]> {
    const list = await this.must(this.get(path));
    return list.items.map((item: Json) => item.metadata.name);
  }
}

/** Collects what a watch sends. */
export class WatchProbe {
  readonly events: { type: string; object: Json }[] = [];
  readonly status: number;
  ended = false;
  failure: unknown;
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster, stream: KubeStream) {
    this.#cluster = cluster;
    this.status = stream.status;
    void this.#read(stream);
  }

  async #read(stream: KubeStream): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of stream.chunks) this.events.push(JSON.parse(decoder.decode(chunk)));
    } catch (error) {
      this.failure = error;
    }
    this.ended = true;
  }

  /** `ADDED a`, `DELETED b`: type and name of each event so far. */
  async summary(): Promise<string[]> {
    await this.#cluster.clock.settle();
    return this.events.map(({ type, object }) => `${type} ${object.metadata?.name ?? object.reason ?? ''}`.trim());
  }
}
