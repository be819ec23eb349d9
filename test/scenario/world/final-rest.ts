import type { Rollout } from '../../../src/api/rollout.ts';
import { parseDuration } from '../../../src/core/values/go-duration.ts';
import { INVARIANTS } from '../../support/invariants/table.ts';
import type { TestCluster } from '../../support/test-cluster.ts';
import { passUntil } from './pass-until.ts';
import type { Processes } from './processes.ts';
import type { Referee } from './referee.ts';
import type { RolloutPlan, Scenario } from './scenario.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Besides pauses and deadlines, which the plan tells. */
const LIVENESS_MS = 15 * MINUTE;
/** When nothing goes wrong any more, a run has its verdict after so many measurements. */
const VERDICT_MEASUREMENTS = 3;
const REST_MINUTES = 20;
/** Longer than most timed pauses and delays of a scale-down that are drawn. */
const MIN_STILL_MS = 6 * MINUTE;

export interface FinalRestOptions {
  readonly cluster: TestCluster;
  readonly scenario: Scenario;
  readonly processes: Processes;
  readonly referee: Referee;
  /** What was lost while watches were in trouble comes within this time. */
  readonly recoveryMs: number;
}

/** The end of a world, in which nothing goes wrong any more: every Rollout comes to an end, and then nothing happens. */
export class FinalRest {
  readonly #options: FinalRestOptions;

  constructor(options: FinalRestOptions) {
    this.#options = options;
  }

  async come(): Promise<void> {
    const { cluster, scenario, referee, recoveryMs } = this.#options;
    const rollouts = plansOf(scenario);
    const waiting = () => rollouts.flatMap(({ name }) => this.#unsettled(name) ?? []);
    const setBackMs = totalSetBackMs(scenario);
    const stillMs = Math.max(MIN_STILL_MS, ...rollouts.map((plan) => longestWaitOf(plan) + MINUTE)) + setBackMs;
    const bound = LIVENESS_MS + Math.max(...rollouts.map(patienceOf)) + recoveryMs + stillMs + setBackMs;
    const isAtRest = this.#stillness(stillMs);
    await passUntil(cluster.clock, () => isAtRest() && waiting().length === 0, bound);
    referee.call('L', waiting(), 'in the end');
    if (waiting().length > 0) return;
    await this.#rest();
    referee.call('L', waiting(), 'at rest');
  }

  /** Tells whether for so long the controllers have written nothing but measurements, and no Rollout has come further. */
  #stillness(stillMs: number): () => boolean {
    const { cluster, scenario, referee } = this.#options;
    const { clock } = cluster;
    const stand = () => {
      const stands = scenario.rollouts.map(({ name }) => this.#find(name)?.status);
      return JSON.stringify([referee.unprovokedWrites, stands.map((status) => status?.currentStepIndex)]);
    };
    let last = '';
    let since = clock.now();
    return () => {
      const now = stand();
      if (now !== last) since = clock.now();
      last = now;
      return clock.now() - since >= stillMs;
    };
  }

  async #rest(): Promise<void> {
    const { cluster, scenario, processes, referee } = this.#options;
    // One that waits for pods to be known takes a step whenever a clock that is behind has caught up.
    if (scenario.rollouts.some(({ name }) => this.#isRestarting(name))) return;
    const before = processes.passes();
    const noted = referee.unprovokedWrites;
    const { restMinutes: minutes = REST_MINUTES } = scenario;
    await cluster.clock.advanceBy(minutes * MINUTE);
    const passes = new Map([...processes.passes()].map(([name, count]) => [name, count - (before.get(name) ?? 0)]));
    const writes = referee.unprovokedWrites - noted;
    const rest = { writes, lastWrite: referee.lastWrite(), minutes, passes };
    referee.call('I6', INVARIANTS.I6.check(rest), 'at rest');
  }

  #isRestarting(name: string): boolean {
    const { spec, status } = this.#find(name) ?? {};
    return spec?.restartAt !== undefined && spec.restartAt !== status?.restartedAt;
  }

  #unsettled(name: string): string | undefined {
    const rollout = this.#find(name);
    return rollout === undefined ? `${name} is gone` : INVARIANTS.L.check(rollout);
  }

  #find(name: string): Rollout | undefined {
    return this.#options.cluster.find<Rollout>('argoproj.io/rollouts', name);
  }
}

/** A pause lasts longer by as much as the clock is set back meanwhile. */
function totalSetBackMs({ entries }: Scenario): number {
  const jumps = entries.map(({ does }) => (does.kind === 'set-clock' ? Math.max(0, -does.byMs) : 0));
  return jumps.reduce((sum, each) => sum + each, 0);
}

/** With all the steps that each Rollout ever had. */
function plansOf({ rollouts, entries }: Scenario): readonly RolloutPlan[] {
  const edits = entries.flatMap(({ does }) => (does.kind === 'edit-steps' ? [does] : []));
  return rollouts.map((plan) => ({
    ...plan,
    steps: [plan, ...edits.filter(({ rollout }) => rollout === plan.name)].flatMap(({ steps }) => steps),
  }));
}

/** What the steps of a Rollout may take when nothing goes wrong. */
function patienceOf({ steps, progressDeadlineSeconds }: RolloutPlan): number {
  const pauses = steps.map(({ pause }) => Number.parseInt(String(pause?.duration ?? 0), 10) * SECOND);
  const timeouts = steps.filter(({ pause }) => pause?.timeout !== undefined).length * 3 * MINUTE;
  return pauses.reduce((sum, each) => sum + each, 0) + timeouts + 3 * progressDeadlineSeconds * SECOND;
}

/** The longest time in which nothing but a timer of a Rollout has to do anything. */
function longestWaitOf(plan: RolloutPlan): number {
  const { steps, scaleDownDelaySeconds = 0, abortScaleDownDelaySeconds = 0, analysisInterval = '0s' } = plan;
  const pauses = steps.map(({ pause }) => Number.parseInt(String(pause?.duration ?? 0), 10));
  const timers = Math.max(...pauses, scaleDownDelaySeconds, abortScaleDownDelaySeconds) * SECOND;
  return Math.max(timers, VERDICT_MEASUREMENTS * parseDuration(analysisInterval));
}
