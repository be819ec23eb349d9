import type { KubeEvent, KubeObject } from '../api/core-types.ts';
import type { EpochMs, Timestamp } from '../api/time.ts';
import { Backoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { RETRY_MAX_MS } from '../runtime/retry-limits.ts';
import { hideSecrets, type Logger, silentLogger } from '../telemetry/logger.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import { isNotFound, isTransient } from './api-error.ts';
import type { KubeClient, ObjectKey } from './client.ts';
import { EventSpamFilter } from './event-spam-filter.ts';
import { apiVersionOf, EVENTS, type Resource } from './resources.ts';

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  /** `source.component`; clients filter by Argo Rollouts' name. */
  readonly component?: string;
  /** The pod, as `reportingInstance`. */
  readonly instance?: string;
  readonly logger?: Logger;
  readonly metrics?: MetricsRegistry;
}

const DEFAULT_COMPONENT = 'rollouts-controller';
/**
 * Beyond this many unsent events the oldest are dropped: they are the least useful. Three hundred releases at once have
 * some eight thousand, which wait for all other requests; with them a controller was 25 MB larger than with a thousand.
 */
const MAX_QUEUE = 10_000;
/** client-go gives up on an event after as many attempts. */
const MAX_ATTEMPTS = 12;
/** Events that may still be counted up rather than created anew; client-go's cache size. */
const MAX_REMEMBERED = 4096;
/** The API server's limit of a core/v1 Event's message. */
const MAX_MESSAGE_CHARS = 1024;
/** Where events about cluster-scoped objects go, as in client-go. */
const CLUSTER_EVENTS_NAMESPACE = 'default';
/** Names are at most 253 characters, of which the suffix takes up to 18. */
const MAX_OBJECT_NAME_CHARS = 230;

interface Pending {
  readonly event: KubeEvent & { readonly count: number; readonly lastTimestamp: Timestamp };
  /** Equal for events that differ in nothing but their time. */
  readonly identity: string;
}

/** An Event in the cluster that a repetition counts up. */
interface Written {
  readonly key: ObjectKey;
  readonly count: number;
}

/**
 * Writes Events about objects in the background, one after the other. `record` never waits and never fails: an event
 * that cannot be written is worth a log line, not a stopped rollout. Repetitions are counted on the first Event.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #logger: Logger;
  readonly #filter: EventSpamFilter;
  readonly #backoff: Backoff;
  /** By identity, the oldest first. */
  readonly #queue = new Map<string, Pending>();
  readonly #written = new Map<string, Written>();
  readonly #onDropped: (reason: 'spam' | 'overflow' | 'refused') => void;
  readonly #closing = new AbortController();
  #pump: Promise<void> | undefined;
  #sequence = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#filter = new EventSpamFilter(options.clock);
    this.#backoff = new Backoff({ ...options, baseMs: 500, resetAfterMs: 60_000 });
    const dropped = options.metrics?.counter('kube_events_dropped_total', 'Events not written, by reason.', ['reason']);
    this.#onDropped = (reason) => dropped?.inc({ reason });
  }

  record(resource: Resource, object: KubeObject, text: EventText): void {
    const subject = object.metadata.uid ?? `${object.metadata.namespace}/${object.metadata.name}`;
    if (!this.#filter.admit(`${subject} ${text.reason}`)) {
      this.#onDropped('spam');
      return;
    }
    this.#enqueue(this.#describe(resource, object, text));
    if (this.#queue.size > MAX_QUEUE) {
      this.#takeOldest();
      this.#onDropped('overflow');
    }
    this.#pump ??= this.#drain().finally(() => {
      this.#pump = undefined;
    });
  }

  /** Resolves when all is written, or after `timeoutMs`; what is left then is dropped. */
  async flush(timeoutMs: number): Promise<void> {
    const { clock } = this.#options;
    const timer = clock.schedule(timeoutMs, () => this.#closing.abort(new Error('the recorder is closing')));
    await this.#pump;
    timer.cancel();
  }

  /** What waits already, for instance for an API server that is away, is counted and not sent again and again. */
  #enqueue(pending: Pending): void {
    const waiting = this.#queue.get(pending.identity);
    this.#queue.set(pending.identity, waiting === undefined ? pending : repeated(waiting, pending));
  }

  #takeOldest(): Pending | undefined {
    const [oldest] = this.#queue.values();
    if (oldest !== undefined) this.#queue.delete(oldest.identity);
    return oldest;
  }

  async #drain(): Promise<void> {
    for (let next = this.#takeOldest(); next !== undefined; next = this.#takeOldest()) {
      await this.#deliver(next);
    }
  }

  /** Never rejects. */
  async #deliver(pending: Pending): Promise<void> {
    const { clock } = this.#options;
    for (let attempt = 1; !this.#closing.signal.aborted; attempt += 1) {
      try {
        this.#remember(pending.identity, await this.#write(pending));
        return;
      } catch (error) {
        if (!isTransient(error) || attempt === MAX_ATTEMPTS) {
          this.#onDropped('refused');
          const { reason, involvedObject } = pending.event;
          this.#logger.warn({ err: error, reason, object: involvedObject.name }, 'event not written');
          return;
        }
        await clock.sleep(this.#backoff.next(RETRY_MAX_MS), this.#closing.signal).catch(() => {});
      }
    }
  }

  async #write({ event, identity }: Pending): Promise<Written> {
    const { client } = this.#options;
    const options = { priority: 'resync', signal: this.#closing.signal } as const;
    const known = this.#written.get(identity);
    if (known !== undefined) {
      const count = known.count + event.count;
      const patch = { count, lastTimestamp: event.lastTimestamp };
      try {
        await client.patch(EVENTS, known.key, { type: 'merge', patch }, options);
        return { key: known.key, count };
      } catch (error) {
        // Events live for an hour; after that the repetition is a new one.
        if (!isNotFound(error)) {
          throw error;
        }
        this.#written.delete(identity);
      }
    }
    const { namespace = CLUSTER_EVENTS_NAMESPACE, name = '' } = event.metadata;
    await client.create(EVENTS, event, options);
    return { key: { namespace, name }, count: event.count };
  }

  #remember(identity: string, written: Written): void {
    this.#written.delete(identity);
    this.#written.set(identity, written);
    if (this.#written.size > MAX_REMEMBERED) {
      const [oldest = identity] = this.#written.keys();
      this.#written.delete(oldest);
    }
  }

  #describe(resource: Resource, { metadata }: KubeObject, text: EventText): Pending {
    const { clock, component = DEFAULT_COMPONENT, instance } = this.#options;
    const { namespace, name = '', uid, resourceVersion } = metadata;
    const message = truncate(hideSecrets(text.message));
    const timestamp = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    const event = {
      metadata: { namespace: namespace ?? CLUSTER_EVENTS_NAMESPACE, name: this.#nameFor(name, clock.now()) },
      involvedObject: {
        apiVersion: apiVersionOf(resource),
        kind: resource.kind,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      type: text.type,
      reason: text.reason,
      message,
      count: 1,
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      source: { component },
      reportingComponent: component,
      ...(instance === undefined ? {} : { reportingInstance: instance }),
    };
    const identity = JSON.stringify([resource.kind, namespace, name, uid, text.type, text.reason, message]);
    return { event, identity };
  }

  /** client-go names an Event after its object and the nanosecond; the last digits are a sequence here. */
  #nameFor(objectName: string, now: EpochMs): string {
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    const nanoseconds = BigInt(Math.trunc(now)) * 1_000_000n + BigInt(this.#sequence);
    return `${objectName.slice(0, MAX_OBJECT_NAME_CHARS)}.${nanoseconds.toString(16)}`;
  }
}

function repeated({ event, identity }: Pending, { event: { lastTimestamp } }: Pending): Pending {
  return { event: { ...event, count: event.count + 1, lastTimestamp }, identity };
}

function truncate(message: string): string {
  return message.length <= MAX_MESSAGE_CHARS ? message : `${message.slice(0, MAX_MESSAGE_CHARS - 1)}…`;
}
