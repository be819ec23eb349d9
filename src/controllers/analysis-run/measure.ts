import type { AnalysisRun, Metric } from '../../api/analysis.ts';
import type { MeasurementTask } from '../../core/analysis/analysis-plan.ts';
import { plainArguments } from '../../core/analysis/args.ts';
import type { Outcome, TakenMeasurement } from '../../core/analysis/outcome.ts';
import { resolveMetric } from '../../core/analysis/prepare-run.ts';
import type { Redact } from '../../net/redact.ts';
import { type ProviderRegistry, providerFor } from '../../providers/registry.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { SecretValues } from './observe.ts';

export interface MeasureOptions {
  readonly providers: ProviderRegistry;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly redact: Redact;
}

/** Takes all measurements at the same time. Never rejects: each metric gets an outcome, whatever happens to the others. */
export async function takeMeasurements(
  run: AnalysisRun,
  tasks: readonly MeasurementTask[],
  secrets: SecretValues,
  options: MeasureOptions,
): Promise<TakenMeasurement[]> {
  const args = new Map([...plainArguments(run.spec.args ?? []), ...secrets.values]);
  for (const { name, valueFrom } of run.spec.args ?? []) {
    // A Secret that cannot be read is not replaced by a value that was given beside it.
    if (valueFrom?.secretKeyRef !== undefined && !secrets.values.has(name)) args.delete(name);
  }
  return await Promise.all(tasks.map((task) => take(task, args, secrets.problems, options)));
}

async function take(
  { metric }: MeasurementTask,
  args: ReadonlyMap<string, string>,
  problems: readonly string[],
  options: MeasureOptions,
): Promise<TakenMeasurement> {
  const { clock } = options;
  const startedAt = clock.now();
  const resolved = resolveMetric(metric, args);
  if (!resolved.ok) {
    const outcome: Outcome = { kind: 'error', message: [...problems, resolved.problem].join('; ') };
    return { metric, startedAt, finishedAt: startedAt, outcome };
  }
  const measured = await measure(resolved.value, startedAt, options);
  return { metric: resolved.value, startedAt, finishedAt: clock.now(), ...measured };
}

async function measure(
  metric: Metric,
  now: number,
  { providers, signal, redact }: MeasureOptions,
): Promise<Pick<TakenMeasurement, 'outcome' | 'metricMetadata'>> {
  const provider = providerFor(providers, metric.provider);
  if (provider === undefined) {
    const configured = Object.keys(metric.provider).join(', ');
    return { outcome: { kind: 'error', message: `provider "${configured}" is not supported by this controller` } };
  }
  try {
    const outcome = await provider.measure(metric, { now, signal, redact });
    return { outcome, metricMetadata: provider.describe(metric) };
  } catch (error) {
    // A defect of the provider; its text may hold anything, so only its name gets into the status.
    const name = error instanceof Error ? error.name : typeof error;
    return { outcome: { kind: 'error', message: `provider "${provider.name}" failed unexpectedly (${name})` } };
  }
}
