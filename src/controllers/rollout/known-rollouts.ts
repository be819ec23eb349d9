import type { KubeObject } from '../../api/core-types.ts';
import { nameOf, namespaceOf, uidOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EventIntent } from '../../core/rollout/plan.ts';

/** A Rollout that is gone, as far as an Event about it needs it. */
interface Farewell {
  readonly object: KubeObject;
  readonly event: EventIntent;
}

/**
 * The Rollouts that this process has looked at, so that it tells of each once when it meets it and once when it is gone,
 * in the words of Argo Rollouts (7.1 of its reference).
 */
export class KnownRollouts {
  readonly #known = new Map<string, KubeObject>();

  /** What to tell when this is the first look at the Rollout. */
  meet(key: string, rollout: Rollout): EventIntent | undefined {
    if (this.#known.get(key)?.metadata.uid === rollout.metadata.uid) return undefined;
    const metadata = { name: nameOf(rollout), namespace: namespaceOf(rollout), uid: uidOf(rollout) };
    this.#known.set(key, { metadata });
    return { type: 'Normal', reason: 'RolloutAddedToInformer', message: `Rollout resource added to informer: ${key}` };
  }

  /** What to tell when a Rollout that was known is gone. */
  forget(key: string): Farewell | undefined {
    const object = this.#known.get(key);
    if (object === undefined) return undefined;
    this.#known.delete(key);
    const message = `Rollout ${nameOf(object)}/${namespaceOf(object)} is deleted.`;
    return { object, event: { type: 'Normal', reason: 'RolloutDeleted', message } };
  }
}
