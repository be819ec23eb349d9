import type { KubeObject, PodTemplateSpec, ReplicaSet } from '../../api/core-types.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../api/keys.ts';
import { nameOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import { Informer } from '../../kube/informer.ts';
import { REPLICA_SETS, type Resource, ROLLOUTS } from '../../kube/resources.ts';
import type { KubeTransport } from '../../kube/transport.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';

/** How a release stands, in the words of people: versions instead of hashes. */
export interface Release {
  /** What the manifest in the cluster asks for. */
  readonly wanted: string | undefined;
  /** What the status speaks about; differs from `wanted` until the controller has seen a change. */
  readonly current: string | undefined;
  readonly stable: string | undefined;
  readonly phase: string;
  /** What the controller waits for. */
  readonly message: string;
  /** Steps done. */
  readonly step: number;
  readonly steps: readonly string[];
  readonly aborted: boolean;
  readonly replicas: readonly ReplicaCount[];
}

export interface ReplicaCount {
  readonly version: string;
  readonly ready: number;
  readonly wanted: number;
}

export interface ReleaseWatchOptions {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly rollout: string;
}

/** Follows one Rollout and its ReplicaSets. */
export class ReleaseWatch {
  readonly #options: ReleaseWatchOptions;
  readonly #rollouts: Informer<Rollout>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();

  constructor(options: ReleaseWatchOptions) {
    this.#options = options;
    const { transport, clock, random, logger } = options;
    const informer = <T extends KubeObject>(resource: Resource) =>
      new Informer<T>({ resource, transport, clock, random, logger });
    this.#rollouts = informer<Rollout>(ROLLOUTS);
    this.#replicaSets = informer<ReplicaSet>(REPLICA_SETS);
    const changed = { added: () => this.#tell(), updated: () => this.#tell(), deleted: () => this.#tell() };
    this.#rollouts.onChange(changed);
    this.#replicaSets.onChange(changed);
  }

  async start(): Promise<void> {
    void this.#rollouts.run(this.#stop.signal);
    void this.#replicaSets.run(this.#stop.signal);
    await Promise.all([this.#rollouts.synced, this.#replicaSets.synced]);
  }

  stop(): void {
    this.#stop.abort();
  }

  onChange(listener: (release: Release) => void): void {
    this.#listeners.add(() => {
      const { release } = this;
      if (release !== undefined) listener(release);
    });
  }

  /** Undefined while there is no Rollout. */
  get release(): Release | undefined {
    const rollout = this.#rollouts.store.list().find((object) => nameOf(object) === this.#options.rollout);
    if (rollout === undefined) return undefined;
    const versions = new Map(
      this.#replicaSets.store.list().map((set) => [hashOf(set), versionOf(set.spec?.template) ?? '?']),
    );
    const { status = {}, spec } = rollout;
    const {
      currentPodHash = '',
      stableRS = '',
      phase = '',
      message = '',
      currentStepIndex = 0,
      abort = false,
    } = status;
    return {
      wanted: versionOf(spec.template),
      current: versions.get(currentPodHash),
      stable: versions.get(stableRS),
      phase,
      message,
      step: currentStepIndex,
      steps: (spec.strategy?.canary?.steps ?? []).map((step) => describeStep(step)),
      aborted: abort,
      replicas: this.#replicaSets.store
        .list()
        .map((set) => ({
          version: versionOf(set.spec?.template) ?? '?',
          ready: set.status?.readyReplicas ?? 0,
          wanted: set.spec?.replicas ?? 0,
        }))
        .toSorted((left, right) => left.version.localeCompare(right.version)),
    };
  }

  /** Whether `condition` came to hold within `limitMs`. */
  until(condition: (release: Release) => boolean, limitMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#options.clock.schedule(limitMs, () => resolve(false));
    const look = (): void => {
      const { release } = this;
      if (release !== undefined && condition(release)) resolve(true);
    };
    this.#listeners.add(look);
    look();
    return promise.finally(() => {
      timer.cancel();
      this.#listeners.delete(look);
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function hashOf(set: ReplicaSet): string {
  return set.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] ?? '';
}

/** The tag of the first container's image. */
function versionOf(template: PodTemplateSpec | undefined): string | undefined {
  return template?.spec?.containers[0]?.image?.split(':').at(-1);
}

function describeStep(step: object): string {
  const [[kind, value] = ['', '']] = Object.entries(step);
  if (kind !== 'pause') return `${kind} ${JSON.stringify(value)}`;
  const { duration, untilVerified } = value as {
    readonly duration?: string | number;
    readonly untilVerified?: boolean;
  };
  if (untilVerified === true) return 'pause until verified';
  return duration === undefined ? 'pause' : `pause ${duration}`;
}
