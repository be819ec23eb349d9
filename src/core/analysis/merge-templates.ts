import type { AnalysisRun, AnalysisTemplate, Argument, Metric } from '../../api/analysis.ts';
import type { AnalysisTemplateRef, DryRun, MeasurementRetention } from '../../api/rollout-analysis.ts';
import { templateKey } from '../rollout/observed.ts';
import { conditionProblems } from './condition-problems.ts';

type Template = AnalysisTemplate;

/** What is asked of a run, by a Rollout, an Experiment or a person. */
export interface RunRequest {
  readonly refs: readonly AnalysisTemplateRef[];
  /** Templates that exist, by `templateKey`. */
  readonly templates: ReadonlyMap<string, Template>;
  /** Arguments whose values are known, except for those of Secrets. Those that no template knows are dropped. */
  readonly args: readonly Argument[];
  readonly dryRun?: readonly DryRun[];
  readonly measurementRetention?: readonly MeasurementRetention[];
}

export type BuiltRunSpec =
  | { readonly kind: 'spec'; readonly spec: AnalysisRun['spec'] }
  /** Templates that do not exist (yet), as `AnalysisTemplate/name` or `ClusterAnalysisTemplate/name`. */
  | { readonly kind: 'missing'; readonly templates: readonly string[] }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

/**
 * Merges templates, and the templates that they name, into the spec of one run (4.4 of the reference of Argo Rollouts).
 * A template that is reached on several ways counts once; one that reaches itself is a problem.
 */
export function buildRunSpec(request: RunRequest): BuiltRunSpec {
  const flat = flatten(request);
  if (flat.problems.length > 0) return { kind: 'problems', problems: flat.problems };
  if (flat.missing.size > 0) return { kind: 'missing', templates: [...flat.missing] };
  const specs = [...flat.found.values()].map(({ spec }) => spec);
  const problems: string[] = [];
  const metrics = specs.flatMap((spec) => spec.metrics ?? []);
  problems.push(...repeated(metrics, (name) => `two metrics have the same name '${name}'`));
  const args = mergeArguments(
    specs.flatMap((spec) => spec.args ?? []),
    request.args,
    problems,
  );
  const dryRun = [...specs.flatMap((spec) => spec.dryRun ?? []), ...(request.dryRun ?? [])];
  const retention = [
    ...specs.flatMap((spec) => spec.measurementRetention ?? []),
    ...(request.measurementRetention ?? []),
  ];
  problems.push(
    ...repeated(dryRun.map(named), (name) => `two Dry-Run metric rules have the same metric name '${name}'`),
    ...repeated(
      retention.map(named),
      (name) => `two Measurement Retention metric rules have the same metric name '${name}'`,
    ),
    ...conditionProblems(flat.found, dryRun),
  );
  if (problems.length > 0) return { kind: 'problems', problems };
  return { kind: 'spec', spec: specOf(metrics, args, dryRun, retention) };
}

function specOf(
  metrics: readonly Metric[],
  args: readonly Argument[],
  dryRun: readonly DryRun[],
  measurementRetention: readonly MeasurementRetention[],
): AnalysisRun['spec'] {
  return {
    metrics,
    ...(args.length === 0 ? {} : { args }),
    ...(dryRun.length === 0 ? {} : { dryRun }),
    ...(measurementRetention.length === 0 ? {} : { measurementRetention }),
  };
}

interface FlatTemplates {
  readonly found: Map<string, Template>;
  readonly missing: Set<string>;
  readonly problems: string[];
}

function flatten({ refs, templates }: RunRequest): FlatTemplates {
  const flat: FlatTemplates = { found: new Map(), missing: new Set(), problems: [] };
  const visit = (ref: AnalysisTemplateRef, path: readonly string[]): void => {
    const key = templateKey(ref.templateName ?? '', ref.clusterScope ?? false);
    if (path.includes(key)) {
      flat.problems.push(`templates refer to themselves: ${[...path.slice(path.indexOf(key)), key].join(' -> ')}`);
      return;
    }
    if (flat.found.has(key)) return;
    const template = templates.get(key);
    if (template === undefined) {
      flat.missing.add(key);
      return;
    }
    flat.found.set(key, template);
    for (const nested of template.spec.templates ?? []) visit(nested, [...path, key]);
  };
  for (const ref of refs) visit(ref, []);
  return flat;
}

function mergeArguments(
  declared: readonly Argument[],
  given: readonly Argument[],
  problems: string[],
): readonly Argument[] {
  const merged = new Map<string, Argument>();
  for (const argument of declared)
    merged.set(argument.name, joinDeclared(merged.get(argument.name), argument, problems));
  for (const argument of given) {
    const known = merged.get(argument.name);
    if (known !== undefined) merged.set(argument.name, { ...known, ...argument });
  }
  for (const { name, value, valueFrom } of merged.values()) {
    if (value === undefined && valueFrom === undefined) problems.push(`args.${name} was not resolved`);
  }
  return [...merged.values()];
}

/** The same argument of two templates: one may say what the other leaves open, but they may not contradict each other. */
function joinDeclared(first: Argument | undefined, second: Argument, problems: string[]): Argument {
  if (first === undefined) return second;
  if (first.value !== undefined && second.value !== undefined && first.value !== second.value) {
    problems.push(
      `Argument \`${first.name}\` specified multiple times with different values: '${first.value}', '${second.value}'`,
    );
  }
  return { ...second, ...first };
}

function named(rule: { readonly metricName: string }): { readonly name: string } {
  return { name: rule.metricName };
}

function repeated(items: readonly { readonly name: string }[], problem: (name: string) => string): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of items) (seen.has(name) ? twice : seen).add(name);
  return [...twice].map(problem);
}
