import type { KubeObject } from '../../api/core-types.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { Clock } from '../../runtime/clock.ts';

/** The name by which the API server knows writes of Argo Rollouts' controller: its program's. */
const RIVAL_MANAGER = 'rollouts-controller';
/** How long a Rollout is left alone after such a write: longer than a release is usually silent. */
const STAND_ASIDE_MS = 5 * 60_000;

/**
 * Notices that Argo Rollouts' controller writes the Rollouts that this process leads for: it runs in another namespace,
 * or without leader election, so that the Lease keeps the two apart in vain. `metadata.managedFields` tells, whatever the
 * namespace and without a permission of its own; only changes count, since old entries stay for ever.
 */
export class RivalWatch {
  readonly #clock: Clock;
  /** Newest time of the rival's entries when each Rollout was last seen; empty: none. */
  readonly #writtenAt = new Map<string, string>();
  readonly #noticedAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be told of every state of every Rollout as the API server sends it. */
  see(rollout: KubeObject): void {
    const key = `${namespaceOf(rollout)}/${nameOf(rollout)}`;
    const owners = rollout.metadata.managedFields ?? [];
    const times = owners.filter(({ manager }) => manager === RIVAL_MANAGER).map(({ time }) => time ?? '');
    const latest = times.toSorted().at(-1) ?? '';
    const before = this.#writtenAt.get(key);
    if (before !== undefined && latest > before) this.#noticedAt.set(key, this.#clock.monotonic());
    this.#writtenAt.set(key, latest);
  }

  /** This process leads from now on: what was written before was for the other one to write. */
  lead(): void {
    this.#noticedAt.clear();
  }

  /** For how long the Rollout is to be left alone, milliseconds; undefined when nobody else writes it. */
  standAsideMs(key: string): number | undefined {
    const noticedAt = this.#noticedAt.get(key);
    if (noticedAt === undefined) return undefined;
    const remaining = noticedAt + STAND_ASIDE_MS - this.#clock.monotonic();
    if (remaining > 0) return remaining;
    this.#noticedAt.delete(key);
    return undefined;
  }

  forget(key: string): void {
    this.#writtenAt.delete(key);
    this.#noticedAt.delete(key);
  }
}
