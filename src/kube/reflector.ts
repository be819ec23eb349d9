import type { KubeObject } from '../api/core-types.ts';
import { scopedAbort } from '../runtime/abort.ts';
import { Backoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { RETRY_MAX_MS, UNANSWERED_RETRY_MAX_MS } from '../runtime/retry-limits.ts';
import type { Logger } from '../telemetry/logger.ts';
import { ApiError, asTransportError, isGone, isUnanswered, TransportError } from './api-error.ts';
import { listPages, selectorQuery } from './list-pages.ts';
import type { ReflectorMetrics, WatchFailure } from './reflector-metrics.ts';
import { pathOf, type Resource } from './resources.ts';
import type { KubeRequest, KubeTransport } from './transport.ts';
import { decodeWatch, type WatchEvent, WatchFormatError } from './watch-decoder.ts';

export interface ReflectorTiming {
  /** The server closes a watch after a random time between these, which spreads the load of many clients. */
  readonly minWatchSeconds: number;
  readonly maxWatchSeconds: number;
  /** Silence that means a dead connection. The server sends a bookmark every 60 s. */
  readonly stallMs: number;
  /** When a watch ends and the last list is older than this, the next thing is a list that is compared with the cache. */
  readonly relistMs: number;
  /** A watch that ends sooner than this and brought nothing is a failure, lest the two sides spin. */
  readonly shortWatchMs: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** The same while nobody answers. */
  readonly unansweredMaxMs: number;
  readonly backoffResetMs: number;
}

/** client-go's numbers, except `stallMs`, `relistMs` and `unansweredMaxMs`, which client-go does not have. */
const DEFAULT_REFLECTOR_TIMING: ReflectorTiming = {
  minWatchSeconds: 290,
  maxWatchSeconds: 590,
  stallMs: 90_000,
  relistMs: 30 * 60_000,
  shortWatchMs: 1000,
  backoffBaseMs: 800,
  backoffMaxMs: RETRY_MAX_MS,
  unansweredMaxMs: UNANSWERED_RETRY_MAX_MS,
  backoffResetMs: 120_000,
};

/** How long the server may take to answer a watch with headers. */
const WATCH_HEADERS_TIMEOUT_MS = 30_000;
/** After as many refusals of one position, the position itself is suspect: after a restore of etcd it may lie in the future. */
const MAX_REFUSALS = 5;
/** After these only a list tells where we are; after the others the watch goes on where it was. */
const POSITION_LOST: ReadonlySet<WatchFailure> = new Set(['expired', 'garbage', 'refused', 'internal']);
/** Enough of a refused watch's body for its `Status`. */
const MAX_REFUSAL_BYTES = 64 * 1024;

interface ReflectorTarget {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** Where the reflector delivers; called one at a time and never concurrently. */
interface ReflectorSink<T> {
  /**
   * The whole collection. `watchedTo` is the version up to which the watch claims to have delivered everything:
   * differences from before it are events that were lost.
   */
  replace(items: readonly T[], watchedTo: string | undefined): void;
  put(object: T): void;
  remove(object: T): void;
  /** The server will not serve this collection as things stand: a permission or a kind is missing. */
  refused?(error: ApiError): void;
}

export interface ReflectorOptions<T> {
  readonly target: ReflectorTarget;
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: ReflectorSink<T>;
  readonly logger: Logger;
  readonly metrics: ReflectorMetrics;
  readonly timing?: Partial<ReflectorTiming>;
}

/**
 * Keeps a sink in step with a collection of the API server: one list, then watches that continue where the last ended,
 * for as long as the signal allows and whatever the server does.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #timing: ReflectorTiming;
  readonly #backoff: Backoff;
  /** Everything up to this version is in the sink; `undefined` asks for a list. */
  #position: string | undefined;
  /** The position at which the last watch ended well; a list made then can tell which events were lost. */
  #watchedTo: string | undefined;
  #listedAt = 0;
  #refusals = 0;
  #failing = '';

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#timing = { ...DEFAULT_REFLECTOR_TIMING, ...options.timing };
    this.#backoff = new Backoff({
      clock: options.clock,
      random: options.random,
      baseMs: this.#timing.backoffBaseMs,
      resetAfterMs: this.#timing.backoffResetMs,
    });
  }

  /** Resolves once the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#position === undefined) {
          this.#position = await this.#list(signal);
        }
        await this.#watch(this.#position, signal);
        this.#planRelist();
      } catch (error) {
        if (!signal.aborted) {
          await this.#pauseAfter(error, signal);
        }
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { target, transport, sink, clock, metrics } = this.#options;
    const { items, resourceVersion } = await listPages<T>(transport, target.resource, {
      ...target,
      signal,
      priority: this.#watchedTo === undefined ? 'normal' : 'resync',
    });
    signal.throwIfAborted();
    metrics.listed();
    sink.replace(items, this.#watchedTo);
    this.#watchedTo = undefined;
    this.#listedAt = clock.monotonic();
    this.#progress(resourceVersion);
    return resourceVersion;
  }

  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const { transport, clock, metrics } = this.#options;
    const startedAt = clock.monotonic();
    const scope = scopedAbort(clock, signal);
    const stall = this.#watchForStall(() => scope.abort(new Error('stalled')));
    const request = this.#watchRequest(from, scope.signal);
    try {
      metrics.watching();
      const stream = await transport.stream(request).catch((error: unknown) => {
        throw asTransportError(error, request);
      });
      if (stream.status !== 200) {
        const body = await readRefusal(stream.chunks);
        throw ApiError.fromResponse(request, { status: stream.status, headers: stream.headers, body });
      }
      for await (const event of decodeWatch<T>(tap(stream.chunks, request, stall.alive))) {
        this.#deliver(event, request);
      }
    } catch (error) {
      throw stall.stalled() ? new StalledWatch(request, this.#timing.stallMs, error) : error;
    } finally {
      stall.stop();
      scope.dispose();
    }
    if (this.#position === from && clock.monotonic() - startedAt < this.#timing.shortWatchMs) {
      throw new TransportError('ended', request, 'the server ended the watch at once');
    }
  }

  #watchRequest(from: string, signal: AbortSignal): KubeRequest {
    const { target, random } = this.#options;
    const { minWatchSeconds, maxWatchSeconds, relistMs } = this.#timing;
    const seconds = minWatchSeconds + random() * (maxWatchSeconds - minWatchSeconds);
    return {
      method: 'GET',
      path: pathOf(target.resource, target.namespace),
      query: {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: from,
        timeoutSeconds: String(Math.max(1, Math.round(Math.min(seconds, relistMs / 1000)))),
        ...selectorQuery(target),
      },
      signal,
      timeoutMs: WATCH_HEADERS_TIMEOUT_MS,
    };
  }

  #deliver(event: WatchEvent<T>, request: KubeRequest): void {
    const { sink } = this.#options;
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        sink.put(event.object);
        break;
      case 'DELETED':
        sink.remove(event.object);
        break;
      case 'BOOKMARK':
        break;
      case 'ERROR':
        throw ApiError.fromWatchEvent(request, event.object);
    }
    this.#progress(event.object.metadata.resourceVersion);
  }

  /** The server is well and we are in step up to `resourceVersion`. */
  #progress(resourceVersion: string | undefined): void {
    const { logger, metrics } = this.#options;
    this.#refusals = 0;
    if (resourceVersion !== undefined && resourceVersion !== '') {
      this.#position = resourceVersion;
    }
    metrics.contact();
    if (this.#failing !== '') {
      this.#failing = '';
      logger.info({}, 'watching again');
    }
  }

  /** A watch has just ended well: the moment to look whether it has delivered everything. */
  #planRelist(): void {
    const { clock } = this.#options;
    if (clock.monotonic() - this.#listedAt >= this.#timing.relistMs) {
      this.#watchedTo = this.#position;
      this.#position = undefined;
    }
  }

  async #pauseAfter(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, logger, metrics, random, sink } = this.#options;
    const failure = classify(error);
    metrics.failed(failure);
    if (failure === 'refused' && error instanceof ApiError) sink.refused?.(error);
    this.#refusals += error instanceof ApiError ? 1 : 0;
    if (POSITION_LOST.has(failure) || this.#refusals >= MAX_REFUSALS) {
      this.#position = undefined;
      this.#watchedTo = undefined;
      this.#refusals = 0;
    }
    const retryAfterMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    const { backoffMaxMs, unansweredMaxMs } = this.#timing;
    const pauseMs = this.#backoff.next(isUnanswered(error) ? unansweredMaxMs : backoffMaxMs);
    const delayMs = Math.max(pauseMs, retryAfterMs * (1 + random()));
    const reason = error instanceof Error ? error.message : String(error);
    // An outage of an hour is one line, not a thousand.
    const details = { err: error, delayMs: Math.round(delayMs) };
    if (reason === this.#failing || failure === 'expired') {
      logger.debug(details, 'watch interrupted; will go on');
    } else {
      logger.warn(details, 'watch interrupted; will go on');
    }
    this.#failing = failure === 'expired' ? this.#failing : reason;
    await clock.sleep(delayMs, signal).catch(() => {});
  }

  /** One timer that looks at the time of the last sign of life, rather than one per chunk. */
  #watchForStall(onStall: () => void) {
    const { clock } = this.#options;
    const { stallMs } = this.#timing;
    let lastSign = clock.monotonic();
    let stalled = false;
    const check = (): void => {
      const silentMs = clock.monotonic() - lastSign;
      if (silentMs >= stallMs) {
        stalled = true;
        onStall();
      } else {
        timer = clock.schedule(stallMs - silentMs, check);
      }
    };
    let timer = clock.schedule(stallMs, check);
    return {
      alive: () => {
        lastSign = clock.monotonic();
      },
      stalled: () => stalled,
      stop: () => timer.cancel(),
    };
  }
}

/** The connection is open, but nothing comes. */
class StalledWatch extends TransportError {
  constructor(request: KubeRequest, stallMs: number, cause: unknown) {
    super('timeout', request, `no sign of life for ${stallMs} ms`, cause);
  }
}

function classify(error: unknown): WatchFailure {
  if (isGone(error)) {
    return 'expired';
  }
  if (error instanceof WatchFormatError) {
    return 'garbage';
  }
  if (error instanceof StalledWatch) {
    return 'stall';
  }
  if (error instanceof ApiError) {
    return error.retryable ? 'server' : 'refused';
  }
  return error instanceof TransportError ? 'connection' : 'internal';
}

async function* tap(
  chunks: AsyncIterable<Uint8Array>,
  request: KubeRequest,
  onChunk: () => void,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        throw asTransportError(error, request);
      });
      if (next.done === true) {
        return;
      }
      onChunk();
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function readRefusal(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    if (size >= MAX_REFUSAL_BYTES) {
      break;
    }
  }
  return Buffer.concat(parts).toString('utf8');
}
