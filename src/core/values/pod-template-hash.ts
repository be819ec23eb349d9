import { fnv1a32 } from './fnv.ts';
import type { StructTable } from './go-json.ts';
import { goJson } from './go-json.ts';
import { META_STRUCTS } from './meta-structs.ts';
import { POD_TEMPLATE_STRUCTS } from './pod-template-structs.ts';
import { safeEncode } from './safe-encode.ts';
import { STEP_STRUCTS } from './step-structs.ts';

/** Kubernetes libraries before 0.34 write an unset `creationTimestamp` as `null`. */
const LEGACY_STRUCTS: StructTable = {
  ...POD_TEMPLATE_STRUCTS,
  ObjectMeta: META_STRUCTS.ObjectMeta.replace('creationTimestamp?:', 'creationTimestamp:'),
};

/**
 * The value of the label `rollouts-pod-template-hash` for a pod template, as Argo Rollouts 1.9 and later compute it.
 * `collisionCount` is `status.collisionCount`.
 * @throws ValueError naming the field when the template does not fit the Kubernetes types.
 */
export function podTemplateHash(template: object, collisionCount?: number): string {
  return hashOf(goJson(POD_TEMPLATE_STRUCTS, 'PodTemplateSpec', template), collisionCount);
}

/** The same hash as Argo Rollouts up to 1.8 computed it: recognises ReplicaSets of that age. */
export function legacyPodTemplateHash(template: object, collisionCount?: number): string {
  return hashOf(goJson(LEGACY_STRUCTS, 'PodTemplateSpec', template), collisionCount);
}

/** `status.currentStepHash`: changes when any step of the canary strategy changes. */
export function stepHash(steps: readonly object[] | undefined): string {
  return hashOf(goJson(STEP_STRUCTS, '[]CanaryStep', steps));
}

function hashOf(json: string, collisionCount?: number): string {
  const bytes = new TextEncoder().encode(json);
  return safeEncode(String(fnv1a32(collisionCount === undefined ? bytes : withCollisionCount(bytes, collisionCount))));
}

/** Kubernetes appends the count as the first four, little-endian, of eight bytes. */
function withCollisionCount(bytes: Uint8Array, collisionCount: number): Uint8Array {
  const COUNT_BYTES = 8;
  const extended = new Uint8Array(bytes.length + COUNT_BYTES);
  extended.set(bytes);
  new DataView(extended.buffer).setUint32(bytes.length, collisionCount, true);
  return extended;
}
