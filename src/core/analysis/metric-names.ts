import type { DryRun, MeasurementRetention } from '../../api/rollout-analysis.ts';
import { compileRegExp, type GoRegExp } from '../expr/regexp/go-regexp.ts';

/** What `dryRun` and `measurementRetention` say about the metrics of a run, by metric name. */
export interface NamedRules {
  readonly dryRun: ReadonlySet<string>;
  readonly retention: ReadonlyMap<string, number>;
  /** Rules that match nothing, in the words of Argo Rollouts. */
  readonly problem?: string;
}

/**
 * Expands the rules. A `metricName` is an unanchored Go regular expression; one that does not compile matches nothing,
 * as in Argo Rollouts, and a rule that matches nothing is a problem (4.5 of its reference).
 */
export function expandNamedRules(
  names: readonly string[],
  dryRun: readonly DryRun[],
  retention: readonly MeasurementRetention[],
): NamedRules {
  const dry = new Set<string>();
  const limits = new Map<string, number>();
  const problems: string[] = [];
  for (const [index, rule] of dryRun.entries()) {
    const matched = matching(names, rule.metricName);
    if (matched.length === 0) problems.push(noMatch(`dryRun[${index}]`));
    for (const name of matched) dry.add(name);
  }
  for (const [index, rule] of retention.entries()) {
    const matched = matching(names, rule.metricName);
    if (matched.length === 0) problems.push(noMatch(`measurementRetention[${index}]`));
    for (const name of matched) limits.set(name, rule.limit);
  }
  const [problem] = problems;
  return { dryRun: dry, retention: limits, ...(problem === undefined ? {} : { problem }) };
}

function noMatch(rule: string): string {
  return `${rule}: Rule didn't match any metric name(s)`;
}

function matching(names: readonly string[], pattern: string): readonly string[] {
  const regexp = compiled(pattern);
  return regexp === undefined ? [] : names.filter((name) => regexp.test(name));
}

function compiled(pattern: string): GoRegExp | undefined {
  try {
    return compileRegExp(pattern);
  } catch {
    return undefined;
  }
}
