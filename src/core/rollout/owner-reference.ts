import type { OwnerReference } from '../../api/core-types.ts';
import { nameOf, uidOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';

/** The reference by which objects that a Rollout made belong to it. */
export function ownerReferenceTo(rollout: Rollout): OwnerReference {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    name: nameOf(rollout),
    uid: uidOf(rollout),
    controller: true,
    blockOwnerDeletion: true,
  };
}
