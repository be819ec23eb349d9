import type { AnalysisTemplate, Metric } from '../../api/analysis.ts';
import type { DryRun } from '../../api/rollout-analysis.ts';
import { checkCondition } from '../expr/condition.ts';
import { expandNamedRules } from './metric-names.ts';

const CONDITIONS = ['successCondition', 'failureCondition'] as const satisfies readonly (keyof Metric)[];

/**
 * Conditions of templates that could judge no measurement, whatever it is: each measurement would be an error, and
 * their number would abort a release that nobody has looked at. Argo Rollouts finds out by measuring. A metric that is
 * measured without consequence does no harm.
 *
 * @param templates by what they are called in messages, such as `AnalysisTemplate/error-rate`.
 */
export function conditionProblems(
  templates: ReadonlyMap<string, AnalysisTemplate>,
  dryRun: readonly DryRun[],
): readonly string[] {
  const names = [...templates.values()].flatMap(({ spec }) => (spec.metrics ?? []).map(({ name }) => name));
  const harmless = expandNamedRules(names, dryRun, []).dryRun;
  return [...templates].flatMap(([key, { spec }]) =>
    (spec.metrics ?? [])
      .filter(({ name }) => !harmless.has(name))
      .flatMap((metric) => CONDITIONS.flatMap((field) => problemOf(key, metric, field))),
  );
}

/** Arguments are filled in when a run starts; until then the text is no expression. */
function problemOf(template: string, metric: Metric, field: (typeof CONDITIONS)[number]): readonly string[] {
  const condition = metric[field] ?? '';
  if (condition.trim() === '' || condition.includes('{{')) return [];
  const error = checkCondition(condition);
  if (error === undefined) return [];
  return [`${template}: metric '${metric.name}': ${field} ${JSON.stringify(condition)}: ${error.message}`];
}
