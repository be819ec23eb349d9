import type { GoJsonOptions } from './go-json.ts';
import { goJson } from './go-json.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { isJsonArray, isJsonObject } from './json.ts';
import { withPodDefaults } from './pod-defaults.ts';
import { POD_TEMPLATE_STRUCTS } from './pod-template-structs.ts';
import { parseQuantity } from './quantity.ts';

/** The label that Argo Rollouts puts on a ReplicaSet, its selector and its pods. */
const HASH_LABEL = 'rollouts-pod-template-hash';
/** The API server rounds resource quantities up to thousandths. */
const NANOS_PER_MILLI = 1_000_000n;

/**
 * Whether two pod templates mean the same pods, which is how a ReplicaSet is recognised when its hash is not.
 *
 * Ignored are the hash label, the deprecated `serviceAccount`, empty lists and maps, how a quantity is written, and
 * whether a default was left to the API server: both sides are defaulted, so that neither an older API server nor a
 * Rollout (which is stored without defaults) makes a difference.
 * @throws ValueError naming the field when a template does not fit the Kubernetes types.
 */
export function sameTemplate(left: object, right: object): boolean {
  return left === right || meaningOf(left) === meaningOf(right);
}

function meaningOf(template: object): string {
  return goJson(POD_TEMPLATE_STRUCTS, 'PodTemplateSpec', template, MEANING);
}

const MEANING: GoJsonOptions = {
  prepare: (struct, value) => withPodDefaults(struct, withoutIgnored(struct, withoutEmptyLists(value))),
  quantity: (value) => {
    const { nanos } = parseQuantity(value);
    return String(nanos <= 0n ? nanos / NANOS_PER_MILLI : (nanos + NANOS_PER_MILLI - 1n) / NANOS_PER_MILLI);
  },
};

function withoutEmptyLists(value: JsonObject): JsonObject {
  return omit(value, (_key, content) => isJsonArray(content) && content.length === 0);
}

function withoutIgnored(struct: string, value: JsonObject): JsonObject {
  switch (struct) {
    case 'ObjectMeta':
      return isJsonObject(value['labels'])
        ? { ...value, labels: omit(value['labels'], (label) => label === HASH_LABEL) }
        : value;
    case 'PodSpec':
      return omit(value, (key) => key === 'serviceAccount');
    default:
      return value;
  }
}

function omit(object: JsonObject, drops: (key: string, value: JsonValue | undefined) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key, value]) => !drops(key, value)));
}
