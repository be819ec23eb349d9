import type { AnalysisRun, AnalysisTemplate, Metric } from '../../api/analysis.ts';
import type { KubeObject } from '../../api/core-types.ts';
import { API_GROUP, isKindName, type KindName } from '../../api/kinds.ts';
import { parseManifest } from '../../api/parse.ts';
import { closestWord } from '../../api/validate/edit-distance.ts';
import { validateManifest } from '../../api/validate/manifest.ts';
import type { Problem } from '../../api/validate/problem.ts';
import { checkCondition } from '../../core/expr/condition.ts';
import { isJsonObject } from '../../core/values/json.ts';
import type { Finding } from './finding.ts';
import type { SourceDocument } from './source-document.ts';

/** A manifest of any kind that is sound enough to be compared with others. */
export interface SoundManifest {
  readonly source: SourceDocument;
  readonly object: KubeObject;
}

export interface ManifestCheck {
  readonly findings: readonly Finding[];
  readonly sound?: SoundManifest;
}

/** All that is wrong with one manifest by itself. Kinds that are not ours are only kept for references. */
export function checkManifest(source: SourceDocument): ManifestCheck {
  const { value } = source;
  if (!isJsonObject(value)) return { findings: [finding(source, '', '', 'is no object: a manifest is a map')] };
  const { kind, apiVersion, metadata } = value;
  if (typeof kind !== 'string') return { findings: [finding(source, '', 'kind', 'is required')] };
  if (typeof apiVersion !== 'string') return { findings: [finding(source, kind, 'apiVersion', 'is required')] };
  if (!isKindName(kind)) return checkForeign(source, kind, apiVersion, metadata);
  return checkOwn(source, kind, `${kind}/${nameIn(metadata)}`);
}

function checkForeign(source: SourceDocument, kind: string, apiVersion: string, metadata: unknown): ManifestCheck {
  const object = `${kind}/${nameIn(metadata)}`;
  if (apiVersion.startsWith(`${API_GROUP}/`) && apiVersion !== `${API_GROUP}/v1alpha1`) {
    return { findings: [finding(source, object, 'apiVersion', `must be ${API_GROUP}/v1alpha1`)] };
  }
  const meant = apiVersion.startsWith(`${API_GROUP}/`) ? closestWord(kind, OWN_KINDS) : undefined;
  if (meant !== undefined) {
    return { findings: [finding(source, object, 'kind', `unknown kind; did you mean ${meant}?`)] };
  }
  return isJsonObject(metadata)
    ? { findings: [], sound: { source, object: source.value as KubeObject } }
    : { findings: [] };
}

const OWN_KINDS: readonly KindName[] = [
  'Rollout',
  'AnalysisTemplate',
  'ClusterAnalysisTemplate',
  'AnalysisRun',
  'Experiment',
];

function checkOwn(source: SourceDocument, kind: KindName, object: string): ManifestCheck {
  const parsed = parseManifest(kind, source.value);
  const problems = (list: readonly Problem[]): readonly Finding[] =>
    list.map(({ field, message }) => finding(source, object, field, message));
  if (!parsed.ok) return { findings: [...problems(parsed.warnings), ...problems(parsed.problems)] };
  const manifest = parsed.value;
  return {
    findings: [
      ...problems(parsed.warnings),
      ...problems(nameProblems(manifest.metadata)),
      ...problems(validateManifest(kind, manifest)),
      ...conditionFindings(source, object, kind, manifest),
    ],
    sound: { source, object: manifest },
  };
}

function nameProblems({ name, generateName }: KubeObject['metadata']): readonly Problem[] {
  const isNamed = (name ?? generateName ?? '') !== '';
  return isNamed ? [] : [{ field: 'metadata.name', message: 'is required' }];
}

function conditionFindings(
  source: SourceDocument,
  object: string,
  kind: KindName,
  manifest: KubeObject,
): readonly Finding[] {
  if (kind === 'Rollout' || kind === 'Experiment') return [];
  const { metrics = [] } = (manifest as AnalysisTemplate | AnalysisRun).spec;
  return metrics.flatMap((metric, index) =>
    CONDITIONS.flatMap((name) => conditionFinding(source, object, `spec.metrics[${index}].${name}`, metric[name])),
  );
}

const CONDITIONS = ['successCondition', 'failureCondition'] as const satisfies readonly (keyof Metric)[];

function conditionFinding(
  source: SourceDocument,
  object: string,
  field: string,
  condition: string | undefined,
): readonly Finding[] {
  // Arguments are filled in when a run starts; until then the text is no expression.
  if (condition === undefined || condition.trim() === '' || condition.includes('{{')) return [];
  const error = checkCondition(condition);
  if (error === undefined) return [];
  return [{ ...finding(source, object, field, error.message), snippet: error.snippet }];
}

function finding(source: SourceDocument, object: string, field: string, reason: string): Finding {
  return { place: source.placeOf(field), object, field, reason };
}

function nameIn(metadata: unknown): string {
  if (!isJsonObject(metadata)) return '';
  const name = metadata['name'] ?? metadata['generateName'];
  return typeof name === 'string' ? name : '';
}
