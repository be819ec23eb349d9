import type { AnalysisRun } from '../../api/analysis.ts';
import type { ReplicaSet } from '../../api/core-types.ts';
import type { TrafficIntent } from '../traffic/intent.ts';

/** Names one object at the moment of the decision; a write against another uid must not happen. */
export interface Target {
  readonly name: string;
  readonly uid: string;
}

/**
 * One write that a plan asks for. Each is idempotent, and safe on the ground of what was *observed*, not of what an
 * earlier action of the same plan is hoped to achieve: so the failure of one never makes another dangerous, and all of
 * them are attempted.
 */
export type Action =
  | { readonly kind: 'createReplicaSet'; readonly replicaSet: ReplicaSet }
  /** Sets `spec.replicas` and the `desired-replicas` annotation in one patch, guarded by the observed `resourceVersion`. */
  | {
      readonly kind: 'scaleReplicaSet';
      readonly target: Target;
      readonly resourceVersion: string;
      readonly from: number;
      readonly to: number;
      /** Other annotations to set (or remove, null) in the same patch. */
      readonly annotations: Readonly<Record<string, string | null>>;
    }
  /** A merge patch of fields that only this controller owns (annotations, minReadySeconds, injected affinity). */
  | { readonly kind: 'patchReplicaSet'; readonly target: Target; readonly patch: object; readonly why: string }
  | { readonly kind: 'deleteReplicaSet'; readonly target: Target }
  /** Points a Service at a pod template hash and marks it as managed by this Rollout. */
  | {
      readonly kind: 'setServiceSelector';
      readonly service: string;
      readonly resourceVersion: string;
      readonly from: string | undefined;
      readonly to: string;
    }
  /** Makes every configured router carry the intent; routers write only what differs. */
  | { readonly kind: 'setTraffic'; readonly intent: TrafficIntent; readonly urgent: boolean }
  /** Takes the weight from a route of ours that the spec names no longer. */
  | { readonly kind: 'silenceRoute'; readonly target: Target; readonly patch: object }
  /** `replaces` names a run that is gone; while it is there after all, nothing is created and the status is not stored. */
  | { readonly kind: 'createAnalysisRun'; readonly run: AnalysisRun; readonly replaces: string | undefined }
  | { readonly kind: 'terminateAnalysisRun'; readonly target: Target }
  | { readonly kind: 'deleteAnalysisRun'; readonly target: Target }
  /** Through the eviction subresource, so that PodDisruptionBudgets hold; 429 means later. */
  | { readonly kind: 'evictPod'; readonly target: Target }
  /** Merge patch of the Rollout's metadata or spec (revision annotation, `spec.replicas` default). */
  | { readonly kind: 'patchRollout'; readonly patch: object; readonly why: string };
