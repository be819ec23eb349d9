import type { AnalysisRun, AnalysisRunSpec, AnalysisTemplate, AnalysisTemplateSpec, Metric } from '../analysis.ts';
import { isDuration } from '../duration.ts';
import { type Problem, when } from './problem.ts';

/**
 * All that is wrong with a template, of a namespace or of the cluster, by itself. Fields with `{{args.x}}` are judged
 * when a run fills them in.
 */
export function validateAnalysisTemplate(template: AnalysisTemplate): readonly Problem[] {
  const { spec } = template;
  const nested = (spec.templates ?? []).length > 0;
  return [
    ...when((spec.metrics ?? []).length === 0 && !nested, 'spec.metrics', 'no metrics specified'),
    ...shared(spec),
  ];
}

/** All that is wrong with a run by itself. */
export function validateAnalysisRun(run: AnalysisRun): readonly Problem[] {
  const { spec } = run;
  return [...when(spec.metrics.length === 0, 'spec.metrics', 'no metrics specified'), ...shared(spec)];
}

function shared(spec: AnalysisTemplateSpec | AnalysisRunSpec): readonly Problem[] {
  const metrics = spec.metrics ?? [];
  return [
    ...metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...duplicates(
      metrics.map(({ name }) => name),
      (index) => `spec.metrics[${index}].name`,
    ),
    ...duplicates(
      (spec.args ?? []).map(({ name }) => name),
      (index) => `spec.args[${index}].name`,
    ),
    ...(spec.measurementRetention ?? []).flatMap(({ limit }, index) =>
      when(limit <= 0, `spec.measurementRetention[${index}].limit`, 'must be greater than 0'),
    ),
  ];
}

function duplicates(names: readonly string[], fieldOf: (index: number) => string): readonly Problem[] {
  return names.flatMap((name, index) => when(names.indexOf(name) < index, fieldOf(index), `duplicate name '${name}'`));
}

/** Rules and quoted messages of 4.2 of the Argo Rollouts reference. */
function validateMetric(metric: Metric, field: string): readonly Problem[] {
  return [
    ...when(metric.name === '', `${field}.name`, 'must not be empty'),
    ...validateDuration(metric.interval, `${field}.interval`),
    ...validateDuration(metric.initialDelay, `${field}.initialDelay`),
    ...validateLimits(metric, field),
    ...validateProvider(metric, `${field}.provider`),
  ];
}

function validateDuration(value: string | undefined, field: string): readonly Problem[] {
  const wrong = value !== undefined && value !== '' && !isTemplated(value) && !isDuration(value);
  return when(wrong, field, `is not a duration such as 30s or 5m: ${JSON.stringify(value)}`);
}

const LIMITS = [
  'count',
  'failureLimit',
  'inconclusiveLimit',
  'consecutiveErrorLimit',
  'consecutiveSuccessLimit',
] as const;

type Limits = Readonly<Record<(typeof LIMITS)[number], number>>;

function validateLimits(metric: Metric, field: string): readonly Problem[] {
  if (LIMITS.some((name) => isTemplated(metric[name]))) return [];
  const malformed = LIMITS.flatMap((name) =>
    when(
      !isInteger(metric[name]),
      `${field}.${name}`,
      `must be a whole number, or an argument such as "{{args.${name}}}": ${JSON.stringify(metric[name])}`,
    ),
  );
  if (malformed.length > 0) return malformed;
  const limit = (name: (typeof LIMITS)[number]): number => Number(metric[name] ?? 0);
  const limits: Limits = {
    count: limit('count'),
    failureLimit: limit('failureLimit'),
    inconclusiveLimit: limit('inconclusiveLimit'),
    consecutiveErrorLimit: limit('consecutiveErrorLimit'),
    consecutiveSuccessLimit: limit('consecutiveSuccessLimit'),
  };
  return [...validateRanges(limits, field), ...validateCount(metric, limits, field)];
}

function validateRanges(limits: Limits, field: string): readonly Problem[] {
  const { failureLimit, inconclusiveLimit, consecutiveErrorLimit, consecutiveSuccessLimit } = limits;
  const negativeLimit = (name: string, value: number) => when(value < 0, `${field}.${name}`, `${name} must be >= 0`);
  return [
    ...when(failureLimit < -1, `${field}.failureLimit`, 'failureLimit must be >= 0, or -1 to be disabled'),
    ...when(
      failureLimit === -1 && consecutiveSuccessLimit === 0,
      `${field}.failureLimit`,
      'failureLimit and consecutiveSuccessLimit cannot both be disabled',
    ),
    ...negativeLimit('inconclusiveLimit', inconclusiveLimit),
    ...negativeLimit('consecutiveErrorLimit', consecutiveErrorLimit),
    ...negativeLimit('consecutiveSuccessLimit', consecutiveSuccessLimit),
  ];
}

function validateCount(metric: Metric, limits: Limits, field: string): readonly Problem[] {
  const { count, failureLimit, inconclusiveLimit, consecutiveSuccessLimit } = limits;
  if (count <= 0) return [];
  const decided = Math.max(0, failureLimit) + consecutiveSuccessLimit;
  return [
    ...when(count < decided, `${field}.count`, 'count must be >= failureLimit + consecutiveSuccessLimit'),
    ...when(count < inconclusiveLimit, `${field}.count`, 'count must be >= inconclusiveLimit'),
    ...when(
      count > 1 && (metric.interval ?? '') === '',
      `${field}.interval`,
      'interval must be specified when count > 1',
    ),
  ];
}

function validateProvider({ provider }: Metric, field: string): readonly Problem[] {
  const given = Object.entries(provider).filter(([, config]) => config !== undefined && config !== null);
  const { prometheus } = provider;
  return [
    ...when(given.length === 0, field, 'no provider specified'),
    ...when(
      given.length > 1,
      field,
      `multiple providers specified: ${given.map(([name]) => name).join(', ')}; make a metric of each`,
    ),
    ...when(
      prometheus !== undefined && (prometheus.query ?? '').trim() === '',
      `${field}.prometheus.query`,
      'must not be empty',
    ),
    ...when(
      prometheus?.timeout !== undefined && prometheus.timeout < 0,
      `${field}.prometheus.timeout`,
      'must be greater than or equal to 0',
    ),
  ];
}

function isTemplated(value: number | string | undefined): boolean {
  return typeof value === 'string' && value.includes('{{');
}

function isInteger(value: number | string | undefined): boolean {
  return typeof value === 'string' ? /^[+-]?\d{1,10}$/.test(value) : value === undefined || Number.isInteger(value);
}
