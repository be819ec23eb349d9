import type { Lease } from '../api/core-types.ts';
import type { EpochMs } from '../api/time.ts';
import { scopedAbort } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { type Logger, silentLogger } from '../telemetry/logger.ts';
import { isAlreadyExists, isConflict, isNotFound } from './api-error.ts';
import type { KubeClient } from './client.ts';
import { formatMicroTime, parseMicroTime } from './micro-time.ts';
import { LEASES } from './resources.ts';

export interface LeaseTiming {
  /** How long others must see no renewal before they take over. */
  readonly leaseMs: number;
  /** How long the leader goes on without a successful renewal. The difference to `leaseMs` is the safety margin. */
  readonly renewDeadlineMs: number;
  /** Pause between two attempts. */
  readonly retryMs: number;
}

/** client-go's recommendation, which Argo Rollouts uses. */
const DEFAULT_LEASE_TIMING: LeaseTiming = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };

/** client-go's `JitterFactor`: candidates do not all try at the same moment. */
const RETRY_JITTER = 1.2;
/** A lease that somebody has given back belongs to nobody at once. */
const RELEASED_LEASE_SECONDS = 1;

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace: string;
  readonly name: string;
  /** Unique per process, e.g. `<pod name>_<random>`. */
  readonly identity: string;
  readonly timing?: Partial<LeaseTiming>;
  readonly logger?: Logger;
  /** Called when this process takes the lease over, with the moment of the last renewal by whoever had it. */
  readonly onTaken?: (renewedAt: EpochMs) => void;
}

/** The reason of the leading signal when the lease was lost. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';
  readonly code = 'leadership-lost' as const;
}

interface Observation {
  readonly lease: Lease;
  /** By our own clock: other machines' clocks, and therefore `renewTime`, may be wrong. */
  readonly at: number;
}

/**
 * Leader election on a `coordination.k8s.io` Lease, as client-go's `leaderelection` does it, so that a Linnet and an Argo
 * Rollouts configured with the same Lease never work at the same time.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #timing: LeaseTiming;
  readonly #logger: Logger;
  #observed: Observation | undefined;
  /** When the request of the last successful renewal was sent: the lease counts from then at the earliest. */
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** When the lease that is being taken was last renewed. */
  #found: EpochMs | undefined;
  #leading = false;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#timing = { ...DEFAULT_LEASE_TIMING, ...options.timing };
    this.#logger = (options.logger ?? silentLogger).child({ lease: `${options.namespace}/${options.name}` });
  }

  /**
   * Whether this process may write now. True only while nobody else can have taken over, by a clock that a frozen process
   * cannot stop: after a freeze it is false before anything else runs.
   */
  isLeader(): boolean {
    return this.#leading && this.#options.clock.monotonic() - this.#renewedAt < this.#timing.renewDeadlineMs;
  }

  /**
   * Waits for the lease, then runs `lead` while holding it. `leading` aborts with `LeadershipLost` when the lease is
   * lost, or with the outer reason when `signal` aborts; the lease is kept until `lead` has ended, then given back.
   * Resolves to whether the lease was lost; rejects when `lead` does.
   */
  async run(signal: AbortSignal, lead: (leading: AbortSignal) => Promise<void>): Promise<'lost' | 'stopped'> {
    if (!(await this.#acquire(signal))) {
      return 'stopped';
    }
    this.#logger.info({ identity: this.#options.identity }, 'leading');
    const leading = scopedAbort(this.#options.clock, signal);
    const renewing = new AbortController();
    const renewal = this.#keep(renewing.signal, (lost) => leading.abort(lost));
    try {
      await lead(leading.signal);
    } finally {
      renewing.abort(new Error('the leader has ended'));
      await renewal;
      leading.dispose();
      await this.#release();
    }
    return leading.signal.reason instanceof LeadershipLost ? 'lost' : 'stopped';
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random, onTaken } = this.#options;
    while (!signal.aborted) {
      if (await this.#attempt(signal)) {
        this.#leading = true;
        if (this.#found !== undefined) onTaken?.(this.#found);
        return true;
      }
      await clock.sleep(this.#timing.retryMs * (1 + random() * RETRY_JITTER), signal).catch(() => {});
    }
    return false;
  }

  /** Renews until told to stop, or until the deadline passes or somebody else holds the lease. */
  async #keep(stop: AbortSignal, onLost: (lost: LeadershipLost) => void): Promise<void> {
    const { clock, identity } = this.#options;
    const { renewDeadlineMs, retryMs } = this.#timing;
    while (!stop.aborted) {
      const remainingMs = this.#renewedAt + renewDeadlineMs - clock.monotonic();
      const deadline = scopedAbort(clock, stop, Math.max(remainingMs, 0));
      try {
        await clock.sleep(retryMs, deadline.signal).catch(() => {});
        const renewed = !deadline.signal.aborted && (await this.#attempt(deadline.signal));
        const holder = this.#observed?.lease.spec?.holderIdentity;
        if (renewed || stop.aborted) {
          continue;
        }
        if (deadline.timedOut() || holder !== identity) {
          this.#leading = false;
          const why = holder === identity ? `no renewal for ${renewDeadlineMs} ms` : `it is held by "${holder ?? ''}"`;
          this.#logger.error({ identity }, `the lease is lost: ${why}`);
          onLost(new LeadershipLost(`the lease is lost: ${why}`));
          return;
        }
      } finally {
        deadline.dispose();
      }
    }
  }

  /** One try to take or renew the lease; false when somebody else has it or the server does not answer. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { clock, identity } = this.#options;
    const sentAt = clock.monotonic();
    try {
      // The holder knows the lease's version already; everybody else looks first.
      if (this.#observed?.lease.spec?.holderIdentity !== identity || !this.#leading) {
        await this.#look(signal);
      }
      if (this.#observed !== undefined && this.#isHeldByOther(this.#observed)) {
        return false;
      }
      if (!this.#leading) this.#found = parseMicroTime(this.#observed?.lease.spec?.renewTime);
      this.#observe(await this.#write(this.#observed?.lease, signal));
      this.#renewedAt = sentAt;
      return true;
    } catch (error) {
      await this.#afterFailure(error, signal);
      return false;
    }
  }

  async #afterFailure(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      return;
    }
    if (isConflict(error) || isAlreadyExists(error) || isNotFound(error)) {
      // Somebody was quicker; the next attempt decides on what they wrote.
      await this.#look(signal).catch((cause: unknown) => this.#logger.warn({ err: cause }, 'the lease cannot be read'));
    } else {
      this.#logger.warn({ err: error }, 'the lease cannot be taken or renewed; will try again');
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { client, namespace, name } = this.#options;
    try {
      this.#observe(await client.get<Lease>(LEASES, { namespace, name }, this.#callOptions(signal)));
    } catch (error) {
      if (!isNotFound(error)) {
        throw error;
      }
      this.#observed = undefined;
    }
  }

  /** The local time of an observation moves only when the holder has written something new. */
  #observe(lease: Lease): void {
    const known = this.#observed?.lease;
    const changed = known === undefined || JSON.stringify(known.spec) !== JSON.stringify(lease.spec);
    this.#observed = { lease, at: changed ? this.#options.clock.monotonic() : (this.#observed?.at ?? 0) };
  }

  #isHeldByOther({ lease: { spec }, at }: Observation): boolean {
    const holder = spec?.holderIdentity ?? '';
    if (holder === '' || holder === this.#options.identity) {
      return false;
    }
    const leaseMs = (spec?.leaseDurationSeconds ?? this.#timing.leaseMs / 1000) * 1000;
    return this.#options.clock.monotonic() - at < leaseMs;
  }

  async #write(current: Lease | undefined, signal: AbortSignal): Promise<Lease> {
    const { client, clock, namespace, name, identity } = this.#options;
    const now = formatMicroTime(clock.now());
    const mine = current?.spec?.holderIdentity === identity;
    const spec = {
      ...current?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#timing.leaseMs / 1000),
      renewTime: now,
      acquireTime: mine ? (current.spec?.acquireTime ?? now) : now,
      leaseTransitions: (current?.spec?.leaseTransitions ?? 0) + (current === undefined || mine ? 0 : 1),
    };
    return current === undefined
      ? client.create<Lease>(LEASES, { metadata: { namespace, name }, spec }, this.#callOptions(signal))
      : client.replace<Lease>(LEASES, { ...current, spec }, this.#callOptions(signal));
  }

  /** Gives the lease back, so that the next leader need not wait for it to expire. */
  async #release(): Promise<void> {
    const { client, clock } = this.#options;
    const held = this.isLeader() ? this.#observed?.lease : undefined;
    this.#leading = false;
    if (held === undefined) {
      return;
    }
    const now = formatMicroTime(clock.now());
    const spec = {
      ...held.spec,
      holderIdentity: '',
      leaseDurationSeconds: RELEASED_LEASE_SECONDS,
      renewTime: now,
      acquireTime: now,
    };
    try {
      await client.replace<Lease>(LEASES, { ...held, spec }, { priority: 'lease', timeoutMs: this.#timing.retryMs });
      this.#logger.info({}, 'lease given back');
    } catch (error) {
      this.#logger.warn({ err: error }, 'the lease was not given back; it will expire');
    }
  }

  #callOptions(signal: AbortSignal) {
    // Two attempts must fit before the deadline.
    return { signal, priority: 'lease', timeoutMs: this.#timing.renewDeadlineMs / 2 } as const;
  }
}
