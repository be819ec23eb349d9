import type { SlackMessage } from '../slack/stand-in.ts';
import type { Share } from './measurements.ts';
import { CONDITION, METRIC, ROLLOUT } from './story.ts';

/** How the story went. */
export interface DemoResult {
  readonly promoted: readonly string[];
  readonly aborted: readonly string[];
  readonly requests: number;
  /** Answers of 500 and above, by version. */
  readonly failures: Readonly<Record<string, number>>;
  /** Requests that no version answered. */
  readonly lost: number;
  readonly lostReasons: readonly string[];
  /** Of the healthy release. */
  readonly shares: readonly Share[];
  /** From the first bad answer to the abort; undefined when either is missing. */
  readonly secondsToAbort: number | undefined;
  /** Requests that the bad version answered after nginx had been told to stop sending to it. */
  readonly afterAbort: number;
  /** Highest weight that the canary had during the revert: 0, since a return to the stable version needs no steps. */
  readonly weightDuringRevert: number;
  readonly slack: readonly SlackMessage[];
  /** What went wrong on the way, e.g. a chapter that did not come to its end in time. */
  readonly problems: readonly string[];
}

/** Percentage points between a weight and the share that was seen. */
const TOLERANCE = 3;
const EXPECTED_WEIGHTS: readonly number[] = [10, 30, 50, 100];
const HEALTHY = 'v2';
const BAD = 'v3';

/** What of the story did not hold; empty when all of it did. */
export function brokenPromises(result: DemoResult): readonly string[] {
  const { promoted, aborted, shares, failures, lost, lostReasons, afterAbort, secondsToAbort } = result;
  const weights = shares.map(({ weight }) => weight);
  const healthyFailures = Object.entries(failures).filter(([version, count]) => version !== BAD && count > 0);
  return [
    ...result.problems,
    ...(promoted.join() === HEALTHY ? [] : [`promoted: ${promoted.join(', ') || 'nothing'} instead of ${HEALTHY}`]),
    ...(aborted.join() === BAD ? [] : [`aborted: ${aborted.join(', ') || 'nothing'} instead of ${BAD}`]),
    ...(weights.join() === EXPECTED_WEIGHTS.join() ? [] : [`weights seen: ${weights.join(', ') || 'none'}`]),
    ...shares
      .filter(({ weight, observed }) => Math.abs(observed - weight) > TOLERANCE)
      .map(({ weight, observed }) => `${observed} % of the requests reached ${HEALTHY} at weight ${weight}`),
    ...(lost === 0 ? [] : [`${lost} requests got no answer (${lostReasons.join('; ')})`]),
    ...healthyFailures.map(([version, count]) => `${count} answers of ${version} were failures`),
    ...((failures[BAD] ?? 0) > 0 ? [] : [`${BAD} failed no request`]),
    ...(secondsToAbort === undefined ? ['the time to the abort is unknown'] : []),
    ...(afterAbort === 0 ? [] : [`${afterAbort} requests reached ${BAD} after the abort`]),
    ...(result.weightDuringRevert === 0 ? [] : ['the revert went through steps']),
    ...slackProblems(result.slack),
  ];
}

/** One message, which tells what somebody woken by it needs. */
function slackProblems(slack: readonly SlackMessage[]): readonly string[] {
  const [message] = slack;
  if (slack.length !== 1 || message === undefined) return [`Slack received ${slack.length} messages instead of one`];
  // Slack wants these three characters written as entities.
  const text = JSON.stringify(message.body).replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  const facts: readonly (readonly [string, RegExp])[] = [
    ['the rollout', new RegExp(`\\b${ROLLOUT}\\b`)],
    ['the revision', /revision\D{0,12}3\b/i],
    ['the step', /\bstep\b/i],
    ['the metric', new RegExp(METRIC)],
    ['the measured value', /\b0\.\d+/],
    ['the condition', new RegExp(escaped(CONDITION))],
    ['how to look further', /kubectl/],
  ];
  return facts
    .filter(([, pattern]) => !pattern.test(text))
    .map(([what]) => `the message to Slack does not name ${what}`);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The one line for programs. */
export function toJson(result: DemoResult): string {
  const { promoted, aborted, requests, failures, lost, shares, secondsToAbort, slack } = result;
  return JSON.stringify({
    promoted,
    aborted,
    requests,
    failures,
    lost,
    shares: shares.map(({ weight, observed }) => ({ weight, observed })),
    secondsToAbort: secondsToAbort ?? null,
    slackMessages: slack.length,
  });
}
