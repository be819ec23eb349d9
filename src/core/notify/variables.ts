import type { AnalysisRun } from '../../api/analysis.ts';
import { POD_TEMPLATE_HASH_LABEL, REVISION_ANNOTATION } from '../../api/keys.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { toExprValue } from '../expr/json-value.ts';
import { STRING, TIME } from '../expr/types.ts';
import { type Environment, GoTime, HostFunction, UTC } from '../expr/values.ts';
import { timeVariable } from '../gotemplate/go-time.ts';
import type { TemplateMap } from '../gotemplate/template-value.ts';
import { describeStep } from '../rollout/canary/steps.ts';
import { momentOf } from '../rollout/moments.ts';
import { revisionOf } from '../rollout/revision.ts';
import { compareByBytes } from '../values/byte-order.ts';
import { type AnalysisFailure, failureOf } from './failure.ts';

/** What a message is about. */
export interface Subject {
  readonly rollout: Rollout;
  /** Of this Rollout, all of them. */
  readonly runs: readonly AnalysisRun[];
  readonly recipient: string;
  readonly context: Readonly<Record<string, string>>;
  /** What happened, in the words of the event. */
  readonly message: string;
}

/** Slack refuses longer fields (2000 characters), and nobody reads them. */
const MAX_FACT_LENGTH = 500;
const NANOSECONDS_PER_MS = 1_000_000n;

const NEWEST_FIRST = (left: AnalysisRun, right: AnalysisRun): number =>
  (momentOf(right.metadata.creationTimestamp) ?? 0) - (momentOf(left.metadata.creationTimestamp) ?? 0) ||
  compareByBytes(nameOf(right), nameOf(left));

/** The runs of the current version and revision, newest first: `analysisRuns` of Argo's templates. */
export function currentRuns(rollout: Rollout, runs: readonly AnalysisRun[]): readonly AnalysisRun[] {
  const hash = rollout.status?.currentPodHash;
  const revision = rollout.metadata.annotations?.[REVISION_ANNOTATION];
  return runs
    .filter(
      ({ metadata }) =>
        metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === hash && metadata.annotations?.[REVISION_ANNOTATION] === revision,
    )
    .toSorted(NEWEST_FIRST);
}

/**
 * What templates can use: `rollout`, `recipient`, `context`, `time` and `analysisRuns` as with Argo, and `linnet` with
 * what would take long templates to find out.
 */
export function templateVariables(subject: Subject, now: EpochMs): TemplateMap {
  const { rollout, recipient, context } = subject;
  const runs = currentRuns(rollout, subject.runs);
  return {
    rollout,
    recipient,
    context,
    time: timeVariable(now),
    analysisRuns: runs,
    linnet: details(subject, failureOf(runs)),
  };
}

function details({ rollout, message }: Subject, failure: AnalysisFailure | undefined): TemplateMap {
  const step = stepOf(rollout);
  const revision = revisionOf(rollout);
  const facts = [
    ['Namespace', namespaceOf(rollout)],
    ['Revision', String(revision)],
    ['Step', step === undefined ? '' : `${step.number}/${step.total} (${step.text})`],
    ['Metric', failure?.metric ?? ''],
    ['Measured', failure?.value ?? ''],
    ['Condition', failure?.condition ?? ''],
    ['Reason', message],
  ] as const;
  const target = `-n ${namespaceOf(rollout)}`;
  return {
    revision,
    message,
    step,
    failure,
    facts: facts
      .filter(([, value]) => value !== '')
      .map(([title, value]) => ({ title, value: value.slice(0, MAX_FACT_LENGTH) })),
    commands: [
      `kubectl linnet get rollout ${nameOf(rollout)} ${target}`,
      ...(failure === undefined ? [] : [`kubectl get analysisrun ${failure.run} ${target} -o yaml`]),
    ],
  };
}

/** The step under way, or the one that was when the update was aborted; `number` counts from 1. */
function stepOf(rollout: Rollout): { number: number; total: number; text: string } | undefined {
  const steps = rollout.spec.strategy?.canary?.steps ?? [];
  const { status } = rollout;
  const index = status?.abort === true ? status.canary?.abortedStepIndex : status?.currentStepIndex;
  const step = index === undefined ? undefined : steps[index];
  return index === undefined || step === undefined
    ? undefined
    : { number: index + 1, total: steps.length, text: describeStep(step) };
}

/** What `when` and `oncePer` can use: the same names as templates, without the recipient. */
export function conditionEnvironment(
  rollout: Rollout,
  runs: readonly AnalysisRun[],
  context: Readonly<Record<string, string>>,
  now: EpochMs,
): Environment {
  const moment = (at: EpochMs) => new GoTime(BigInt(Math.floor(at)) * NANOSECONDS_PER_MS, UTC);
  const parse = new HostFunction('Parse', [STRING], TIME, ([text = null]) => {
    const at = typeof text === 'string' ? momentOf(text) : undefined;
    if (at === undefined) throw new Error(`${JSON.stringify(text)} is not an RFC 3339 time`);
    return moment(at);
  });
  return {
    rollout: toExprValue(rollout),
    analysisRuns: toExprValue(currentRuns(rollout, runs)),
    context: toExprValue(context),
    time: new Map([
      ['Now', new HostFunction('Now', [], TIME, () => moment(now))],
      ['Parse', parse],
    ]),
  };
}
