import type { AnalysisRun, AnalysisTemplate } from '../../api/analysis.ts';
import type { Ingress, Pod, ReplicaSet, Service } from '../../api/core-types.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';

/** Everything that a decision about one Rollout may depend on, besides the time. */
export interface ObservedRollout {
  readonly rollout: Rollout;
  /** ReplicaSets whose controller reference carries this Rollout's uid, in any order. */
  readonly replicaSets: readonly ReplicaSet[];
  /** AnalysisRuns whose controller reference carries this Rollout's uid. */
  readonly analysisRuns: readonly AnalysisRun[];
  /** Services that exist and that the spec names, or that select one of the versions, by name. */
  readonly services: ReadonlyMap<string, Service>;
  /** What the EndpointSlices of the Services say that the spec names, by Service name. */
  readonly endpoints: ReadonlyMap<string, ServiceEndpoints>;
  /** Stable Ingresses that the spec names and that exist, by name. */
  readonly ingresses: ReadonlyMap<string, Ingress>;
  /**
   * Templates that the spec names, directly or through other templates, and that exist; cluster-scoped ones have the same
   * shape. Key: `templateKey`.
   */
  readonly templates: ReadonlyMap<string, AnalysisTemplate>;
  /** Pods owned by those ReplicaSets. */
  readonly pods: readonly Pod[];
  /** The configured traffic routers, in the order in which they are reconciled; empty without traffic routing. */
  readonly routers: readonly ObservedRouter[];
  /** Routes of ours that carry weight and that the spec names no longer. */
  readonly strayRoutes?: readonly StrayRoute[];
  /**
   * Why something that the spec refers to cannot be read, such as a missing permission, so that its absence above means
   * nothing; undefined when all can.
   */
  readonly unreadable?: string | undefined;
  /** Since when the controller can see and act, after a time in which it could not; undefined when none is known. */
  readonly presentSince?: EpochMs | undefined;
  /** What failed when the previous plan was applied; colours messages only, never a decision. */
  readonly lastFailures: readonly ActionFailure[];
  /** Value of the `--instance-id` flag; stamped on created objects when not empty. */
  readonly instanceId: string;
}

/** A route that an earlier spec asked for, with the merge patch that takes its weight away. */
export interface StrayRoute {
  readonly name: string;
  readonly uid: string;
  readonly patch: object;
}

/** Ready endpoints of one Service as its EndpointSlices list them (terminating ones excluded). */
export interface ServiceEndpoints {
  /** Ready endpoints whose pod carries this `rollouts-pod-template-hash`. */
  readonly readyByHash: ReadonlyMap<string, number>;
  /** Ready endpoints of any other pod or address. */
  readonly readyForeign: number;
}

/** What a router's objects in the cluster say now. */
export interface ObservedRouter {
  /** As in `rollout_info{traffic_router}` and messages, e.g. `Nginx`. */
  readonly type: string;
  /** Canary weight that the route objects carry now; undefined while there is no canary route (which serves no canary traffic). */
  readonly weight: number | undefined;
  /** Whether the data plane confirmed `weight`; null when this router cannot tell. */
  readonly verified: boolean | null;
  /** How long after a write the data plane may still act on the old state, milliseconds; used where `verified` is null. */
  readonly propagationMs: number;
  /** False when an empty backend breaks the whole route, so that an idle Service has to point at live pods. */
  readonly allowsEmptyBackend: boolean;
  /** Why this router cannot be written, e.g. a foreign owner of the canary Ingress. */
  readonly problem?: string;
}

/** One action of the previous plan that failed. */
export interface ActionFailure {
  /** For people, e.g. `set canary weight 30 (Nginx)`. */
  readonly action: string;
  readonly message: string;
  readonly since: EpochMs;
}

/** Key of `ObservedRollout.templates`. */
export function templateKey(name: string, clusterScope: boolean): string {
  return `${clusterScope ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate'}/${name}`;
}
