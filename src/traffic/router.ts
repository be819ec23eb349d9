import type { Rollout } from '../api/rollout.ts';
import type { ObservedRouter } from '../core/rollout/observed.ts';
import type { EventIntent } from '../core/rollout/plan.ts';
import type { TrafficIntent } from '../core/traffic/intent.ts';
import type { KubeClient, KubeReader } from '../kube/client.ts';

/** What a router is given: cached reads and the writing client. */
export interface RouterContext {
  readonly reader: KubeReader;
  readonly client: KubeClient;
  readonly signal?: AbortSignal;
  /** True while traffic is being taken away: the write overtakes others in the client's rate limit. */
  readonly urgent?: boolean;
}

export interface RouterOutcome {
  /** False when the objects already said so: then nothing was sent. */
  readonly wrote: boolean;
  readonly events: readonly EventIntent[];
}

/**
 * Makes one kind of route split requests. Implementations touch only their own fields, write only when something
 * differs, and keep no state between calls. All of them pass `test/contract/router.suite.ts`.
 */
export interface Router {
  /** As in `rollout_info{traffic_router}`. */
  readonly type: string;
  /** Whether the Rollout's `trafficRouting` configures this router. */
  configured(rollout: Rollout): boolean;
  /** Never rejects for what is wrong with the user's objects: that is `ObservedRouter.problem`. */
  observe(rollout: Rollout, context: RouterContext): Promise<ObservedRouter>;
  /** Rejects with a message naming object, field, reason and remedy when the route cannot carry the intent. */
  apply(rollout: Rollout, intent: TrafficIntent, context: RouterContext): Promise<RouterOutcome>;
}
