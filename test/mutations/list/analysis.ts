import type { Mutation } from '../mutation.ts';

const STORIES = 'golden/stories.test.ts';
const CRASH = 'scenario/release/crash.test.ts';

/** Who judges a version, and by what. */
export const ANALYSIS_MUTATIONS: readonly Mutation[] = [
  {
    id: 'second-analysis-run',
    hurts: 'after a crash two analyses judge one update, and the one that nobody looks at measures for ever',
    file: 'core/rollout/analysis-runs.ts',
    find: 'return isOurs && isOfThisUpdate && !hasEnded && nameOf(run) !== recorded;',
    replace: 'return isOurs && isOfThisUpdate && !hasEnded && nameOf(run) === recorded;',
    caughtBy: { scenario: CRASH, test: 'promotion > every process dies after its first write' },
  },
  {
    id: 'analysis-outlives-its-update',
    hurts: 'analyses of finished updates query Prometheus until somebody deletes them',
    file: 'core/rollout/analysis-runs.ts',
    find: 'if (run === current || isCompleted(run.status?.phase) || run.spec.terminate === true) continue;',
    replace: 'if (run === current || run.status !== undefined || run.spec.terminate === true) continue;',
    caughtBy: { scenario: CRASH, test: 'promotion > every process dies after its first write' },
  },
  {
    id: 'inconclusive-is-success',
    hurts: 'an analysis that cannot decide promotes',
    file: 'core/rollout/background-verdict.ts',
    find: "    case 'Inconclusive':\n      return { kind: wasInconclusive ? 'none' : 'inconclusive' };",
    replace: "    case 'Inconclusive':\n      return { kind: 'none' };",
    caughtBy: { scenario: STORIES, test: 'inconclusive-analysis-pauses > reads as approved and breaks no invariant' },
  },
  {
    id: 'no-data-is-success',
    hurts: 'a version that gets no traffic, or whose metrics are gone, passes every analysis',
    file: 'core/analysis/judge.ts',
    find: 'if (hasNoData(result)) return judgeEmpty(metric, verdict);',
    replace: "if (hasNoData(result)) return { phase: 'Successful' };",
    caughtBy: {
      scenario: 'scenario/release/story.test.ts',
      test: 'holds a step until its weight was measured, says so, and asks a person when nothing can be measured',
    },
  },
  {
    id: 'not-a-number-is-judged',
    hurts: '0 of 0 requests decides about a release',
    file: 'core/analysis/judge.ts',
    find: "if (numbers.some(Number.isNaN) && !mentions(metric, 'isNaN')) {",
    replace: "if (numbers.length > 9 && !mentions(metric, 'isNaN')) {",
    caughtBy: {
      scenario: 'scenario/failures/traffic.test.ts',
      test: 'F29 node drain evicts all canaries: no abort for want of traffic, and the analysis says it was blind',
    },
  },
  {
    id: 'promoted-without-evidence',
    hurts: 'a version is promoted that nothing was ever measured of',
    file: 'core/rollout/canary/course.ts',
    find: 'return neverStarts ? undefined : missingEvidence(run, undefined);',
    replace: 'return neverStarts || run === undefined ? undefined : undefined;',
    caughtBy: { world: 49 },
  },
  {
    id: 'failure-limit-off-by-one',
    hurts: 'a single bad measurement takes a release back though the team allowed for one',
    file: 'core/analysis/assess-metric.ts',
    find: 'failed > rules.failureLimit) {',
    replace: 'failed >= rules.failureLimit) {',
    caughtBy: {
      scenario: 'scenario/failures/analysis.test.ts',
      test: 'failureLimit 1: one failure, which the limit allows, takes nothing back',
    },
  },
  {
    id: 'failed-analysis-ignored',
    hurts: 'a version that fails its analysis goes on to all users',
    file: 'core/rollout/background-verdict.ts',
    find: "    case 'Failed':\n    case 'Error':",
    replace: "    case 'Error':",
    caughtBy: { world: 64 },
  },
  {
    id: 'analysis-without-owner',
    hurts: 'AnalysisRuns outlive the Rollouts that they were made for',
    file: 'core/rollout/analysis-runs.ts',
    find: 'ownerReferences: [ownerReferenceTo(rollout)],',
    replace: 'ownerReferences: [ownerReferenceTo(rollout)].slice(1),',
    caughtBy: {
      scenario: 'scenario/failures/analysis.test.ts',
      test: 'F66 AnalysisRun deleted by hand: > there is one replacement, the next attempt, and old samples are void',
    },
  },
  {
    id: 'measured-before-traffic',
    hurts: 'an analysis judges a version that no user has reached yet',
    file: 'core/rollout/analysis-runs.ts',
    find: "return traffic.weight > 0 && traffic.inEffect ? undefined : 'the canary serves traffic';",
    replace: "return traffic.weight > 0 ? undefined : 'the canary serves traffic';",
    caughtBy: {
      scenario: 'scenario/failures/analysis.test.ts',
      test: 'F74 analysis before traffic: with a router that lags 30 s, nothing is measured before users reach the canary',
    },
  },
  {
    id: 'lost-analysis-not-replaced',
    hurts: 'whoever deletes an AnalysisRun by hand lets the rest of the release go unjudged',
    file: 'core/rollout/background-verdict.ts',
    find: "return recorded?.status === 'Running' && currentBackgroundRun(facts) === undefined ? recorded.name : undefined;",
    replace:
      "return recorded?.status === 'Failed' && currentBackgroundRun(facts) === undefined ? recorded.name : undefined;",
    caughtBy: {
      scenario: 'scenario/failures/analysis.test.ts',
      test: 'F66 AnalysisRun deleted by hand: > there is one replacement, the next attempt, and old samples are void',
    },
  },
  {
    id: 'lost-analysis-replaced-blindly',
    hurts: 'a cache that lags brings a second analysis beside the first',
    file: 'controllers/rollout/apply.ts',
    find: 'if (replaces !== undefined && (await this.#exists(replaces))) {',
    replace: "if (replaces === '' && (await this.#exists(replaces))) {",
    caughtBy: {
      scenario: 'scenario/failures/analysis.test.ts',
      test: 'F66 AnalysisRun deleted by hand: > a run that only the cache lacks is not replaced',
    },
  },
  {
    id: 'secret-in-status',
    hurts: 'the token of a metrics provider is readable in every AnalysisRun',
    file: 'controllers/analysis-run/controller.ts',
    find: 'const redact = createRedactor(secrets.values.values());',
    replace: 'const redact = createRedactor([]);',
    caughtBy: { world: 43 },
  },
  {
    id: 'no-pods-no-deadline',
    hurts: 'an update whose pods never become ready waits for evidence for ever, and nobody is told',
    file: 'core/rollout/canary/course.ts',
    find: 'awaitsEvidence: canBeJudged }',
    replace: 'awaitsEvidence: true }',
    caughtBy: {
      scenario: 'scenario/world/regressions.test.ts',
      test: 'no-pods-no-deadline (L): An update whose pods never became ready waited for evidence for ever, and its progress deadline stood still.',
    },
  },
  {
    id: 'measurement-ahead-waited-for',
    hurts: 'a clock that is set back by ten minutes leaves a version unjudged for as long',
    file: 'core/analysis/schedule.ts',
    find: 'if (finishedAt > now) return now;',
    replace: '',
    caughtBy: {
      scenario: 'scenario/failures/platform.test.ts',
      test: 'F96 the clock of the whole cluster is set back by 10 min: > a version goes on being judged',
    },
  },
];
