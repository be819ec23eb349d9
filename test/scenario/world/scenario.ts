import type { CanaryStep } from '../../../src/api/canary-step.ts';
import type { Lag } from '../../support/data-plane.ts';

/**
 * A world and what happens in it, as data: plain JSON, so that it can be shrunk entry by entry, kept as a regression test
 * and replayed. Everything that the world does by chance, it draws from seeds that are in here.
 */
export interface Scenario {
  readonly seed: number;
  readonly rollouts: readonly RolloutPlan[];
  /** Processes of the controller; two elect a leader. */
  readonly controllers: 1 | 2;
  /** How long EndpointSlices lag behind pods, milliseconds. */
  readonly sliceLagMs: number;
  /** Where an ingress controller learns late: the controller is told of the longest of these. */
  readonly weightLag: Lag;
  readonly endpointLag: Lag;
  readonly entries: readonly Entry[];
  /** By how much the wall clock of the nodes is ahead of the API server's, milliseconds. Absent: not at all. */
  readonly nodesAheadMs?: number;
  /** How long it is looked at in the end, when all is done and nothing may be written any more. Absent: twenty. */
  readonly restMinutes?: number;
}

/** One Rollout, as its owners wrote it. */
export interface RolloutPlan {
  readonly name: string;
  readonly replicas: number;
  /** Behind nginx; otherwise the pods split the traffic. */
  readonly routed: boolean;
  readonly steps: readonly CanaryStep[];
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
  readonly scaleDownDelaySeconds?: number;
  readonly abortScaleDownDelaySeconds?: number;
  readonly progressDeadlineSeconds: number;
  readonly progressDeadlineAbort: boolean;
  /** Judged by background analysis. */
  readonly analysis: boolean;
  /** Absent: every ten seconds. */
  readonly analysisInterval?: string;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  /** Behind a router only. */
  readonly scaleDownDelayRevisionLimit?: number;
  /** Behind a router only. Absent: 100. */
  readonly maxTrafficWeight?: number;
  /** By image tag; `v1` runs first. */
  readonly versions: Readonly<Record<string, Version>>;
}

/** What an image does when it runs. */
export interface Version {
  /** Share of requests that it answers well. */
  readonly successRate: number;
  /** Bounds of the time until a pod is ready; undefined: it never is. */
  readonly readyAfter: Lag | undefined;
  readonly stopsAfterMs: number;
}

/** Something that happens. */
export interface Entry {
  /** Stays the same when other entries are removed; seeds what happens by chance in it. */
  readonly id: number;
  /** Milliseconds after the world was ready. */
  readonly at: number;
  readonly does: Deed;
}

export type Deed = PersonDeed | ClusterDeed | PrometheusDeed | ControllerDeed | NetworkDeed;

/** What people and their tools do to a Rollout. */
export type PersonDeed =
  | { readonly kind: 'deploy'; readonly rollout: string; readonly image: string }
  | { readonly kind: 'promote' | 'promote-full' | 'skip-step' | 'abort' | 'retry'; readonly rollout: string }
  | { readonly kind: 'pause' | 'resume' | 'restart'; readonly rollout: string }
  /** The GitOps tool applies the manifest that was last deployed, with its replicas, server-side. */
  | { readonly kind: 'reapply'; readonly rollout: string }
  /** It applies that manifest with other steps. */
  | { readonly kind: 'edit-steps'; readonly rollout: string; readonly steps: readonly CanaryStep[] }
  /** An autoscaler, by the scale subresource. */
  | { readonly kind: 'scale'; readonly rollout: string; readonly replicas: number }
  | { readonly kind: 'delete-runs'; readonly rollout: string };

/** What befalls pods and machines of the cluster. */
export type ClusterDeed =
  /** As many pods of that version as there are, at most `count`, are not ready for a while. */
  | {
      readonly kind: 'crash';
      readonly rollout: string;
      readonly side: 'canary' | 'stable';
      readonly count: number;
      readonly downMs: number;
    }
  | { readonly kind: 'evict'; readonly rollout: string; readonly side: 'canary' | 'stable'; readonly count: number }
  /** A wall clock is set by so much. */
  | { readonly kind: 'set-clock'; readonly of: 'server' | 'nodes'; readonly byMs: number };

export interface PrometheusDeed {
  readonly kind: 'prometheus';
  readonly mode: PrometheusMode;
  readonly forMs: number;
}
export type PrometheusMode = 'empty' | 'nan' | 'down' | 'slow' | 'throttled' | 'html' | 'all-good' | 'all-bad' | 'late';

/** What happens to processes of the controller; `index` counts modulo those that run. */
export type ControllerDeed =
  | { readonly kind: 'die'; readonly index: number; readonly afterWrites: number; readonly downMs: number }
  | { readonly kind: 'freeze'; readonly index: number; readonly forMs: number }
  /** Its machine's wall clock is set by so much. */
  | { readonly kind: 'clock'; readonly index: number; readonly byMs: number }
  | { readonly kind: 'lose-lease'; readonly index: number; readonly forMs: number };

/** What happens to requests and watches of all processes for a while; `share` is the probability for each. */
export type NetworkDeed =
  | { readonly kind: 'api-away'; readonly forMs: number }
  | { readonly kind: NetworkFault; readonly forMs: number; readonly share: number }
  /** Everything older is forgotten: watches that fell behind get 410. */
  | { readonly kind: 'compact' };

export type NetworkFault =
  | 'lose-events'
  | 'delay-events'
  | 'repeat-events'
  | 'reorder-events'
  | 'break-watches'
  | 'conflict'
  | 'throttle'
  | 'server-error'
  /** The request never arrives. */
  | 'lose-requests'
  /** The server acts, and nobody hears of it. */
  | 'lose-answers'
  | 'slow-requests';
