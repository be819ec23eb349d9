import type { PodTemplateSpec, ReplicaSet } from '../api/core-types.ts';
import { EPHEMERAL_METADATA_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../api/keys.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../core/values/json.ts';

/**
 * The pod template that a user once wrote, from the ReplicaSet that was made of it: without the hash label, without
 * the metadata that pods carry only while they are canary or stable, and without the anti-affinity against the other
 * version. Argo Rollouts' `undo` leaves the last two in the spec.
 */
export function writtenTemplate(replicaSet: ReplicaSet): PodTemplateSpec {
  const { metadata, spec, ...rest } = replicaSet.spec?.template ?? {};
  const ephemeral = ephemeralMetadata(replicaSet);
  const labels = without(metadata?.labels, { ...ephemeral.labels, ...hashLabel(metadata?.labels) });
  const annotations = without(metadata?.annotations, ephemeral.annotations);
  const { labels: _labels, annotations: _annotations, ...otherMetadata } = metadata ?? {};
  return {
    ...rest,
    metadata: {
      ...otherMetadata,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...(spec === undefined ? {} : { spec: withoutInjectedAffinity(spec) }),
  } as PodTemplateSpec;
}

type Texts = Readonly<Record<string, string>>;

function hashLabel(labels: Texts | undefined): Texts {
  const hash = labels?.[POD_TEMPLATE_HASH_LABEL];
  return hash === undefined ? {} : { [POD_TEMPLATE_HASH_LABEL]: hash };
}

/** Entries that stand there with exactly these values are left out; undefined when none is left. */
function without(texts: Texts | undefined, removed: Texts | undefined): Texts | undefined {
  const kept = Object.entries(texts ?? {}).filter(([key, value]) => removed?.[key] !== value);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function ephemeralMetadata(replicaSet: ReplicaSet): { readonly labels?: Texts; readonly annotations?: Texts } {
  const text = replicaSet.metadata.annotations?.[EPHEMERAL_METADATA_ANNOTATION];
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : {};
  } catch {
    // Somebody else's text: nothing was injected that we could recognise.
    return {};
  }
}

type AffinityRule =
  | 'requiredDuringSchedulingIgnoredDuringExecution'
  | 'preferredDuringSchedulingIgnoredDuringExecution';
const RULES: readonly AffinityRule[] = [
  'requiredDuringSchedulingIgnoredDuringExecution',
  'preferredDuringSchedulingIgnoredDuringExecution',
];

/** Removes terms about the hash label, and whatever is empty after that. */
function withoutInjectedAffinity(spec: object): object {
  const { affinity, ...rest } = spec as { readonly affinity?: JsonObject };
  if (affinity === undefined) return spec;
  const { podAntiAffinity, ...others } = affinity;
  if (!isJsonObject(podAntiAffinity)) return spec;
  const kept = RULES.reduce<JsonObject>(withoutInjectedTerms, podAntiAffinity);
  if (kept === podAntiAffinity) return spec;
  const cleaned = { ...others, ...(Object.keys(kept).length === 0 ? {} : { podAntiAffinity: kept }) };
  return Object.keys(cleaned).length === 0 ? rest : { ...rest, affinity: cleaned };
}

function withoutInjectedTerms(antiAffinity: JsonObject, rule: AffinityRule): JsonObject {
  const terms = antiAffinity[rule];
  if (!isJsonArray(terms)) return antiAffinity;
  const kept = terms.filter((term) => !isAboutHash(term));
  if (kept.length === terms.length) return antiAffinity;
  const { [rule]: _, ...others } = antiAffinity;
  return kept.length === 0 ? others : { ...others, [rule]: kept };
}

/** A preferred term wraps the term proper. */
function isAboutHash(term: JsonValue): boolean {
  if (!isJsonObject(term)) return false;
  const proper = isJsonObject(term['podAffinityTerm']) ? term['podAffinityTerm'] : term;
  const selector = proper['labelSelector'];
  const expressions = isJsonObject(selector) ? selector['matchExpressions'] : undefined;
  return (
    isJsonArray(expressions) &&
    expressions.some((expression) => isJsonObject(expression) && expression['key'] === POD_TEMPLATE_HASH_LABEL)
  );
}
