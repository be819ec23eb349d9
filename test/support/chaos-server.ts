import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { KubeObject } from '../../src/api/core-types.ts';

export type ChaosRequestKind = 'list' | 'watch' | 'other';

/** Answers a request instead of the server; returns whether it did. */
export type ChaosFault = (kind: ChaosRequestKind, response: ServerResponse, request: IncomingMessage) => boolean;

interface StoredEvent {
  readonly version: number;
  readonly line: string;
}

/**
 * One collection of ConfigMaps behind HTTP, in the shape of a Kubernetes API, that misbehaves on demand. It counts what
 * it serves and what connections it has.
 */
export class ChaosServer {
  readonly objects = new Map<string, KubeObject>();
  readonly served: Record<ChaosRequestKind, number> = { list: 0, watch: 0, other: 0 };
  connectionsOpened = 0;
  readonly openConnections = new Set<Socket>();
  /** Tried in order before anything else; a fault that has answered is gone unless it stays. */
  readonly faults: { readonly fault: ChaosFault; readonly stays: boolean }[] = [];
  /** What to send instead of an event's line. */
  mangle: (line: string) => readonly string[] = (line) => [line];
  readonly watchers = new Set<ServerResponse>();
  readonly #server: Server;
  #history: StoredEvent[] = [];
  #oldest = 0;
  #version = 1000;
  #uid = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.connectionsOpened += 1;
      this.openConnections.add(socket);
      socket.on('close', () => this.openConnections.delete(socket));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response));
  }

  static async start(): Promise<ChaosServer> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new ChaosServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  put(name: string, data: Record<string, string> = {}): void {
    const known = this.objects.get(name);
    this.#version += 1;
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        namespace: 'default',
        name,
        uid: known?.metadata.uid ?? `uid-${(this.#uid += 1)}`,
        resourceVersion: String(this.#version),
      },
      data,
    };
    this.objects.set(name, object);
    this.#emit(known === undefined ? 'ADDED' : 'MODIFIED', object);
  }

  remove(name: string): void {
    const known = this.objects.get(name)!;
    this.#version += 1;
    this.objects.delete(name);
    this.#emit('DELETED', { ...known, metadata: { ...known.metadata, resourceVersion: String(this.#version) } });
  }

  once(fault: ChaosFault): void {
    this.faults.push({ fault, stays: false });
  }

  /** Returns the way to end it. */
  always(fault: ChaosFault): () => void {
    const entry = { fault, stays: true };
    this.faults.push(entry);
    return () => this.faults.splice(this.faults.indexOf(entry), 1);
  }

  /** Forgets the past: a watch from before now is answered with 410. */
  compact(): void {
    this.#history = [];
    this.#oldest = this.#version;
  }

  /** Writes raw bytes to every open watch. */
  toWatchers(bytes: string): void {
    for (const watcher of this.watchers) watcher.write(bytes);
  }

  /** Ends every open watch as a server does whose time is up. */
  endWatches(): void {
    for (const watcher of this.#takeWatchers()) watcher.end();
  }

  /** Cuts every open watch as a dying load balancer does. */
  resetWatches(): void {
    for (const watcher of this.#takeWatchers()) watcher.socket?.resetAndDestroy();
  }

  #takeWatchers(): ServerResponse[] {
    const watchers = [...this.watchers];
    this.watchers.clear();
    return watchers;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #emit(type: string, object: KubeObject): void {
    const line = JSON.stringify({ type, object });
    this.#history.push({ version: this.#version, line });
    for (const sent of this.mangle(line)) this.toWatchers(`${sent}\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.url);
    const isCollection = url.pathname === '/api/v1/configmaps';
    const kind = !isCollection ? 'other' : url.searchParams.get('watch') === 'true' ? 'watch' : 'list';
    this.served[kind] += 1;
    const fault = this.faults.find((entry) => entry.fault(kind, response, request));
    if (fault !== undefined) {
      if (!fault.stays) this.faults.splice(this.faults.indexOf(fault), 1);
      return;
    }
    if (kind === 'other') return refuse(response, 404, 'NotFound');
    if (kind === 'watch') return this.#watch(Number(url.searchParams.get('resourceVersion')), response);
    const offset = Number(url.searchParams.get('continue') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? this.objects.size);
    const items = [...this.objects.values()];
    const next = offset + limit < items.length ? String(offset + limit) : '';
    const metadata = { resourceVersion: String(this.#version), continue: next };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'List', metadata, items: items.slice(offset, offset + limit) }));
  }

  #watch(from: number, response: ServerResponse): void {
    if (from < this.#oldest) return refuse(response, 410, 'Expired');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const { version, line } of this.#history) {
      if (version > from) response.write(`${line}\n`);
    }
    this.watchers.add(response);
    response.on('close', () => this.watchers.delete(response));
  }
}

/** A `Status`, as the API server refuses with. */
export function refuse(
  response: ServerResponse,
  code: number,
  reason: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code, reason, message: `${reason} by chaos` }));
}
