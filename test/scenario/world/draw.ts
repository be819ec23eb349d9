import type { CanaryStep } from '../../../src/api/canary-step.ts';
import { type Random, seededRandom } from '../../../src/simulator/random.ts';
import type { Lag } from '../../support/data-plane.ts';
import type {
  ClusterDeed,
  ControllerDeed,
  Deed,
  Entry,
  NetworkDeed,
  NetworkFault,
  PersonDeed,
  PrometheusMode,
  RolloutPlan,
  Scenario,
  Version,
} from './scenario.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** One world in so many lasts for days, as real rollouts do: seeds 10, 20, 30, … */
const LONG_WORLDS = 10;
/** Apart from the other draws of a seed. */
const CLOCK_SEED = 0x5bd1e995;
const FIELDS_SEED = 0x27d4eb2f;
const EDITS_SEED = 0x165667b1;
const IMAGES = ['v2', 'v3', 'v4'] as const;
const PROMETHEUS_MODES: readonly PrometheusMode[] = [
  'empty',
  'nan',
  'down',
  'slow',
  'throttled',
  'html',
  'all-good',
  'all-bad',
  'late',
];
const NETWORK_FAULTS: readonly NetworkFault[] = [
  'lose-events',
  'delay-events',
  'repeat-events',
  'reorder-events',
  'break-watches',
  'conflict',
  'throttle',
  'server-error',
  'lose-requests',
  'lose-answers',
  'slow-requests',
];

/** Draws from one seed; each method consumes it. */
class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** A whole number, both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)] as T;
  }

  lag(maxMs: number): Lag {
    const minMs = this.chance(0.5) ? 0 : this.int(0, maxMs);
    return { minMs, maxMs: this.int(minMs, maxMs) };
  }
}

/** How slowly life goes. */
interface Pace {
  readonly pausesMs: readonly number[];
  /** Of scale-downs. */
  readonly delaysMs: readonly number[];
  /** Bounds of the time in which something happens. */
  readonly spanMs: readonly [number, number];
  readonly analysisInterval?: string;
  readonly restMinutes?: number;
}

const MINUTES: Pace = {
  pausesMs: [5 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE],
  delaysMs: [0, 5 * SECOND, 30 * SECOND, 2 * MINUTE],
  spanMs: [4 * MINUTE, 20 * MINUTE],
};

/** Most of the time nothing happens: watches end and begin, lists are compared, timers of hours wait. */
const DAYS: Pace = {
  pausesMs: [5 * MINUTE, HOUR, 6 * HOUR, DAY],
  delaysMs: [0, 30 * SECOND, HOUR, 6 * HOUR],
  spanMs: [DAY, 5 * DAY],
  analysisInterval: '10m',
  restMinutes: DAY / MINUTE,
};

/** The world of a seed, and what happens in it. */
export function drawScenario(seed: number): Scenario {
  const dice = new Dice(seed);
  const isLong = seed % LONG_WORLDS === 0;
  const pace = isLong ? DAYS : MINUTES;
  const rollouts = Array.from({ length: dice.int(1, 3) }, (_, index) => drawRollout(dice, `app-${index + 1}`, pace));
  // Three out of four routers are within nginx's five seconds; some clouds need half a minute for one or the other.
  const maxLag = () => (dice.chance(0.75) ? 4 * SECOND : dice.of([0, 12 * SECOND, 30 * SECOND]));
  const base = {
    seed,
    rollouts,
    // Renewals of the lease would be most of what happens in days.
    controllers: dice.chance(0.3) && !isLong ? (2 as const) : (1 as const),
    sliceLagMs: dice.of([0, 100, 500, 2_000]),
    weightLag: dice.lag(maxLag()),
    endpointLag: dice.lag(maxLag()),
  };
  const rest = pace.restMinutes === undefined ? {} : { restMinutes: pace.restMinutes };
  const drawn = { ...base, entries: drawEntries(dice, base, pace), ...rest };
  return withRareFields(withEdits(withClocks(drawn), pace));
}

/** Of one Rollout out of five the steps are edited, mostly in the middle of an update. */
function withEdits(scenario: Scenario, pace: Pace): Scenario {
  const dice = new Dice(scenario.seed ^ EDITS_SEED);
  return scenario.rollouts.reduce((edited, { name, analysis }) => {
    if (!dice.chance(0.2)) return edited;
    return withEntry(edited, dice, { kind: 'edit-steps', rollout: name, steps: drawSteps(dice, analysis, pace) });
  }, scenario);
}

/** One more, at any time; those that there are keep their ids. */
function withEntry(scenario: Scenario, dice: Dice, does: Deed): Scenario {
  const { entries } = scenario;
  const entry = { id: entries.length, at: moment(dice, entries.at(-1)?.at ?? 0), does };
  return { ...scenario, entries: [...entries, entry].toSorted((left, right) => left.at - right.at) };
}

/** One Rollout out of three has fields that few people set. */
function withRareFields(scenario: Scenario): Scenario {
  const dice = new Dice(scenario.seed ^ FIELDS_SEED);
  const areClocksRight = scenario.nodesAheadMs === undefined;
  return {
    ...scenario,
    rollouts: scenario.rollouts.map((plan) => ({ ...plan, ...drawRareFields(dice, areClocksRight) })),
  };
}

/** Kubernetes itself compares clocks to know for how long a pod has been ready. */
function drawRareFields(dice: Dice, areClocksRight: boolean): Partial<RolloutPlan> {
  if (!dice.chance(1 / 3)) return {};
  return {
    ...(dice.chance(0.5) && areClocksRight ? { minReadySeconds: dice.int(1, 20) } : {}),
    ...(dice.chance(0.5) ? { revisionHistoryLimit: dice.int(0, 2) } : {}),
    ...(dice.chance(0.5) ? { scaleDownDelayRevisionLimit: dice.int(0, 1) } : {}),
    ...(dice.chance(0.5) ? { maxTrafficWeight: dice.of([200, 1000]) } : {}),
  };
}

/** In one world out of four the machines of the cluster do not agree about the time. */
function withClocks(scenario: Scenario): Scenario {
  const dice = new Dice(scenario.seed ^ CLOCK_SEED);
  if (!dice.chance(0.25)) return scenario;
  const nodesAheadMs = dice.of([0, -10 * MINUTE, -5 * SECOND, 5 * SECOND, 10 * MINUTE]);
  const world = { ...scenario, nodesAheadMs };
  return dice.chance(0.75) ? withEntry(world, dice, drawSetClock(dice)) : world;
}

/** One that is set forward shortens every wait by as much: nothing that goes by the time of the cluster can help it. */
function drawSetClock(dice: Dice): ClusterDeed {
  const kind = 'set-clock';
  if (dice.chance(0.5)) return { kind, of: 'server', byMs: dice.of([-HOUR, -10 * MINUTE, -5 * SECOND]) };
  return { kind, of: 'nodes', byMs: dice.of([-10 * MINUTE, -5 * SECOND, 5 * SECOND, 10 * MINUTE]) };
}

function drawRollout(dice: Dice, name: string, pace: Pace): RolloutPlan {
  const delaySeconds = () => dice.of(pace.delaysMs) / SECOND;
  const routed = dice.chance(0.75);
  const analysis = dice.chance(0.5);
  const replicas = dice.chance(0.1) ? dice.int(0, 1) : dice.int(1, dice.chance(0.2) ? 20 : 8);
  const [maxSurge, maxUnavailable] = dice.of<readonly [number | string, number | string]>([
    ['25%', '25%'],
    [1, 0],
    [0, 1],
    ['50%', 0],
    [2, 1],
    ['100%', '10%'],
  ]);
  return {
    name,
    replicas,
    routed,
    steps: drawSteps(dice, analysis, pace),
    maxSurge,
    maxUnavailable,
    ...(dice.chance(0.5) ? { scaleDownDelaySeconds: delaySeconds() } : {}),
    ...(dice.chance(0.5) ? { abortScaleDownDelaySeconds: delaySeconds() } : {}),
    progressDeadlineSeconds: dice.of([60, 120, 600]),
    progressDeadlineAbort: dice.chance(0.5),
    analysis,
    ...(pace.analysisInterval === undefined ? {} : { analysisInterval: pace.analysisInterval }),
    versions: {
      v1: { successRate: 0.99, readyAfter: { minMs: 500, maxMs: 3 * SECOND }, stopsAfterMs: dice.int(0, 5 * SECOND) },
      ...Object.fromEntries(IMAGES.map((image) => [image, drawVersion(dice)])),
    },
  };
}

function drawSteps(dice: Dice, analysis: boolean, { pausesMs }: Pace): readonly CanaryStep[] {
  const steps: CanaryStep[] = [];
  let weight = 0;
  for (let count = dice.int(0, 4); count > 0 && weight < 100; count -= 1) {
    weight = Math.min(100, weight + dice.int(1, 60));
    steps.push({ setWeight: weight });
    const pause = dice.int(1, 8);
    if (pause <= 3) steps.push({ pause: { duration: `${dice.of(pausesMs) / SECOND}s` } });
    else if (pause === 4) steps.push({ pause: {} });
    else if (pause <= 6 && analysis) {
      const timeout = dice.chance(0.5)
        ? { timeout: '3m', onTimeout: dice.of(['hold', 'abort', 'promote'] as const) }
        : {};
      steps.push({ pause: { untilVerified: true, ...timeout } });
    }
  }
  if (dice.chance(0.1)) steps.unshift({ pause: { duration: '10s' } });
  return steps;
}

function drawVersion(dice: Dice): Version {
  const slow = dice.chance(0.2);
  const never = dice.chance(0.1);
  return {
    successRate: dice.chance(0.25) ? 0.5 : 0.99,
    readyAfter: never ? undefined : { minMs: 200, maxMs: slow ? 40 * SECOND : dice.int(300, 6 * SECOND) },
    stopsAfterMs: dice.int(0, 8 * SECOND),
  };
}

function drawEntries(dice: Dice, world: Omit<Scenario, 'entries'>, pace: Pace): readonly Entry[] {
  const [shortest, longest] = pace.spanMs;
  const spanMs = dice.int(shortest / MINUTE, longest / MINUTE) * MINUTE;
  const deeds: Omit<Entry, 'id'>[] = [];
  for (const { name } of world.rollouts) {
    deeds.push({ at: dice.int(0, 20) * SECOND, does: { kind: 'deploy', rollout: name, image: 'v2' } });
    for (let count = dice.int(0, 6); count > 0; count -= 1) {
      deeds.push({ at: moment(dice, spanMs), does: drawPersonDeed(dice, name) });
    }
    for (let count = dice.chance(0.4) ? dice.int(1, 3) : 0; count > 0; count -= 1) {
      deeds.push({ at: moment(dice, spanMs), does: drawPodTrouble(dice, name) });
    }
  }
  for (let count = dice.chance(0.8) ? dice.int(1, 10) : 0; count > 0; count -= 1) {
    deeds.push({ at: moment(dice, spanMs), does: drawFault(dice, world.controllers) });
  }
  return deeds.toSorted((left, right) => left.at - right.at).map((entry, id) => ({ id, ...entry }));
}

/** Most things go wrong soon after a release began; some happen within milliseconds of each other. */
function moment(dice: Dice, spanMs: number): number {
  const coarse = dice.chance(0.6) ? dice.int(0, Math.min(spanMs, 2 * MINUTE)) : dice.int(0, spanMs);
  return dice.chance(0.3) ? Math.floor(coarse / (10 * SECOND)) * 10 * SECOND : coarse;
}

function drawPersonDeed(dice: Dice, rollout: string): PersonDeed {
  const kind = dice.of([
    'deploy',
    'deploy',
    'promote',
    'promote',
    'promote-full',
    'skip-step',
    'abort',
    'abort',
    'retry',
    'pause',
    'resume',
    'restart',
    'reapply',
    'scale',
    'delete-runs',
  ] as const);
  switch (kind) {
    case 'deploy':
      // Undo is a deployment of something old.
      return { kind, rollout, image: dice.of(['v1', 'v2', ...IMAGES]) };
    case 'scale':
      return { kind, rollout, replicas: dice.chance(0.1) ? 0 : dice.int(1, 10) };
    default:
      return { kind, rollout };
  }
}

function drawPodTrouble(dice: Dice, rollout: string): ClusterDeed {
  const side = dice.of(['canary', 'stable'] as const);
  const count = dice.chance(0.3) ? 20 : dice.int(1, 2);
  return dice.chance(0.5)
    ? { kind: 'crash', rollout, side, count, downMs: dice.int(1, 60) * SECOND }
    : { kind: 'evict', rollout, side, count };
}

function drawFault(dice: Dice, controllers: number): Deed {
  const which = dice.int(1, 20);
  if (which <= 6) return drawControllerDeed(dice, controllers);
  if (which <= 9) return { kind: 'prometheus', mode: dice.of(PROMETHEUS_MODES), forMs: dice.int(10, 300) * SECOND };
  return drawNetworkDeed(dice);
}

function drawControllerDeed(dice: Dice, controllers: number): ControllerDeed {
  const index = dice.int(0, controllers - 1);
  const kind = dice.of(['die', 'die', 'die', 'freeze', 'clock', 'lose-lease'] as const);
  switch (kind) {
    case 'die':
      return { kind, index, afterWrites: dice.int(1, 20), downMs: dice.of([0, SECOND, 10 * SECOND, 90 * SECOND]) };
    case 'freeze':
      return { kind, index, forMs: dice.int(5, 90) * SECOND };
    case 'clock':
      return { kind, index, byMs: dice.of([-10 * MINUTE, -5 * SECOND, 5 * SECOND]) };
    case 'lose-lease':
      return { kind, index, forMs: dice.int(5, 60) * SECOND };
  }
}

function drawNetworkDeed(dice: Dice): NetworkDeed {
  const which = dice.int(1, 10);
  if (which === 1) return { kind: 'compact' };
  if (which === 2) return { kind: 'api-away', forMs: dice.int(1, 300) * SECOND };
  const kind = dice.of(NETWORK_FAULTS);
  return { kind, forMs: dice.int(1, 120) * SECOND, share: dice.of([0.05, 0.2, 0.5, 1]) };
}
