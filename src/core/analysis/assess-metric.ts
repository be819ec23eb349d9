import type { AnalysisPhase, MetricResult } from '../../api/analysis.ts';
import { isCompleted } from '../../api/analysis-phase.ts';
import { type Counters, countersOf } from './counters.ts';
import type { MetricRules } from './metric-rules.ts';
import { BLINDNESS_KEY } from './outcome.ts';

/** How a metric stands, and why when it did not end well. */
export interface Assessment {
  readonly phase: AnalysisPhase;
  /** In Argo Rollouts' words, e.g. `failed (1) > failureLimit (0)`. */
  readonly reason?: string;
  /** True when it is not complete by itself: another metric, or a person, has ended the run. */
  readonly terminated?: boolean;
}

const NO_SUCCESS = 'no successful measurement';

/**
 * Assesses a metric by its counters (4.5.6 of the reference of Argo Rollouts). Two rules differ, so that missing data
 * never counts as success and a blind judge holds (docs/decisions/0003-no-data.md):
 *
 * 1. what would be Successful without one successful measurement is Inconclusive;
 * 2. too many errors in a row, the last of which found nobody to blame (`Blindness`), are Inconclusive unless the
 *    author wrote a `consecutiveErrorLimit`.
 */
export function assessMetric(rules: MetricRules, result: MetricResult | undefined, terminating: boolean): Assessment {
  const counters = countersOf(result);
  const own = brokenLimit(rules, counters, result) ?? assessWithinLimits(rules, counters, result);
  if (result !== undefined && isCompleted(result.phase)) {
    return own.phase === result.phase ? own : terminated(result.phase, counters);
  }
  return terminating && !isCompleted(own.phase) ? terminated('Successful', counters) : own;
}

/** A metric that ended because the run did. */
function terminated(phase: AnalysisPhase, counters: Counters): Assessment {
  return { ...onlyBySuccess(phase, counters), terminated: true };
}

function onlyBySuccess(phase: AnalysisPhase, { successful }: Counters): Assessment {
  const unfounded = successful === 0 && (phase === 'Successful' || phase === 'Inconclusive');
  return unfounded ? { phase: 'Inconclusive', reason: NO_SUCCESS } : { phase };
}

/** All three limits are tested, and the last one that is broken wins. */
function brokenLimit(rules: MetricRules, counters: Counters, result: MetricResult | undefined): Assessment | undefined {
  const { failed, inconclusive, consecutiveError } = counters;
  if (consecutiveError > rules.consecutiveErrorLimit) return tooManyErrors(rules, consecutiveError, result);
  if (inconclusive > rules.inconclusiveLimit) {
    return {
      phase: 'Inconclusive',
      reason: `inconclusive (${inconclusive}) > inconclusiveLimit (${rules.inconclusiveLimit})`,
    };
  }
  if (rules.failureLimit !== undefined && failed > rules.failureLimit) {
    return { phase: 'Failed', reason: `failed (${failed}) > failureLimit (${rules.failureLimit})` };
  }
  return undefined;
}

function tooManyErrors(rules: MetricRules, consecutiveError: number, result: MetricResult | undefined): Assessment {
  const reason = `consecutiveErrors (${consecutiveError}) > consecutiveErrorLimit (${rules.consecutiveErrorLimit})`;
  const blind = result?.measurements?.at(-1)?.metadata?.[BLINDNESS_KEY] !== undefined;
  if (!blind || rules.errorLimitIsExplicit) return { phase: 'Error', reason };
  return { phase: 'Inconclusive', reason: `${reason} without data to judge by` };
}

function assessWithinLimits(rules: MetricRules, counters: Counters, result: MetricResult | undefined): Assessment {
  if (rules.consecutiveSuccessLimit !== undefined && counters.consecutiveSuccess >= rules.consecutiveSuccessLimit) {
    return { phase: 'Successful' };
  }
  if (rules.count !== undefined && counters.count >= rules.count) return assessAtCount(rules, counters);
  return { phase: (result?.measurements ?? []).length === 0 ? 'Pending' : 'Running' };
}

/** All measurements are taken and no limit is broken, but successes in a row did not suffice if they were asked for. */
function assessAtCount(rules: MetricRules, counters: Counters): Assessment {
  const { consecutiveSuccessLimit, failureLimit } = rules;
  if (consecutiveSuccessLimit === undefined) return onlyBySuccess('Successful', counters);
  const reason = `consecutiveSuccessLimit (${consecutiveSuccessLimit}) not reached in ${counters.count} measurements`;
  return { phase: failureLimit === undefined ? 'Failed' : 'Inconclusive', reason };
}
