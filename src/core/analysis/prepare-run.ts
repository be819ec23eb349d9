import type { AnalysisRun, Metric } from '../../api/analysis.ts';
import { metricSchema } from '../../api/metric.ts';
import { validateAnalysisRun } from '../../api/validate/analysis.ts';
import { formatProblem, type Problem } from '../../api/validate/problem.ts';
import { unsupportedFeatures } from '../../api/validate/unsupported.ts';
import type { JsonValue } from '../values/json.ts';
import { ValueError } from '../values/value-error.ts';
import { type ArgumentValues, plainArguments, type Substitution, secretArguments, substitute } from './args.ts';
import type { RunRules } from './assess-run.ts';
import { expandNamedRules } from './metric-names.ts';
import { type MetricRules, rulesOf } from './metric-rules.ts';

/** Everything about a run that its status does not change, or why it can never be measured. */
export type PreparedRun =
  | { readonly kind: 'ready'; readonly rules: RunRules; readonly retention: ReadonlyMap<string, number> }
  /** In the words of Argo Rollouts where it has some. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** Argo Rollouts can measure it. */
  | { readonly kind: 'unsupported'; readonly message: string };

/** Stands for the value of a secret wherever only the shape of a metric matters. */
const SECRET_STAND_IN = 'dummy-value';

/** Reads and checks the spec of a run. Secret arguments are not needed for that. */
export function prepareRun(run: AnalysisRun): PreparedRun {
  const { spec } = run;
  const args = spec.args ?? [];
  const unresolved = args.find(({ value, valueFrom }) => value === undefined && valueFrom?.secretKeyRef === undefined);
  if (unresolved !== undefined) return invalid(`args.${unresolved.name} was not resolved`);
  const values = plainArguments(args);
  for (const { argument } of secretArguments(args)) values.set(argument, SECRET_STAND_IN);
  const metrics: Metric[] = [];
  for (const metric of spec.metrics) {
    const resolved = resolveMetric(metric, values);
    if (!resolved.ok) return invalid(resolved.problem);
    metrics.push(resolved.value);
  }
  return prepareMetrics(run, metrics);
}

function prepareMetrics(run: AnalysisRun, metrics: readonly Metric[]): PreparedRun {
  const { spec } = run;
  const resolved: AnalysisRun = { ...run, spec: { ...spec, metrics } };
  const problems = validateAnalysisRun(resolved);
  if (problems.length > 0) return invalidSpec(textOf(problems));
  const unsupported = unsupportedFeatures('AnalysisRun', resolved);
  if (unsupported.length > 0) return { kind: 'unsupported', message: textOf(unsupported) };
  const rules: MetricRules[] = [];
  for (const [index, metric] of metrics.entries()) {
    try {
      rules.push(rulesOf(metric));
    } catch (error) {
      if (error instanceof ValueError) return invalidSpec(`metrics[${index}].${error.message}`);
      throw error;
    }
  }
  const names = metrics.map(({ name }) => name);
  const named = expandNamedRules(names, spec.dryRun ?? [], spec.measurementRetention ?? []);
  if (named.problem !== undefined) return invalid(named.problem);
  return {
    kind: 'ready',
    rules: { metrics: rules, dryRun: named.dryRun, terminate: spec.terminate === true },
    retention: named.retention,
  };
}

function textOf(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('; ').replaceAll('spec.', '');
}

function invalidSpec(message: string): PreparedRun {
  return invalid(`Analysis spec invalid: ${message}`);
}

function invalid(message: string): PreparedRun {
  return { kind: 'invalid', message };
}

/** A metric with its arguments filled in; a problem when one is unknown or the result is no metric any more. */
export function resolveMetric(metric: Metric, args: ArgumentValues): Substitution<Metric> {
  const filled = substitute(metric as unknown as JsonValue, args);
  if (!filled.ok) return filled;
  const parsed = metricSchema.safeParse(filled.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, problem: `metric "${metric.name}": ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
}
