import { describe, expect, test } from 'vitest';
import type { CanaryStrategy } from '../../../src/api/canary.ts';
import type { CanaryStep } from '../../../src/api/canary-step.ts';
import type { RolloutSpec, RolloutStatus } from '../../../src/api/rollout.ts';
import type { PauseReason, RolloutDuration } from '../../../src/api/rollout-status.ts';
import { planDuration } from '../../../src/core/rollout/duration.ts';
import { gatherFacts } from '../../../src/core/rollout/facts.ts';
import { planRollout } from '../../../src/core/rollout/plan-rollout.ts';
import { STORIES } from '../../golden/scripts.ts';
import { TinyWorld } from '../../support/tiny-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const INDEFINITE: readonly CanaryStep[] = [{ setWeight: 50 }, { pause: {} }];

function worldWith(steps: readonly CanaryStep[], canary: CanaryStrategy = {}): TinyWorld {
  const { spec } = STORIES['basic-canary']!.options;
  return new TinyWorld({
    ...STORIES['basic-canary']!.options,
    spec: { ...spec, replicas: 4, strategy: { canary: { ...canary, steps } } },
  });
}

/** A minute old, all of it version 1. */
function settled(steps: readonly CanaryStep[] = INDEFINITE, canary?: CanaryStrategy): TinyWorld {
  const world = worldWith(steps, canary);
  world.run(MINUTE);
  expect(world.rollout.status?.phase).toBe('Healthy');
  return world;
}

/** Version 2 has waited for a person from 1:05 to 2:05. */
function paused(): TinyWorld {
  const world = settled();
  world.image('v2');
  world.run(65 * SECOND);
  expect(world.rollout.status?.phase).toBe('Paused');
  return world;
}

function durationOf({ rollout }: TinyWorld): RolloutDuration | undefined {
  return rollout.status?.duration;
}

/** `1:05` of the world's time. */
function at(time: string): string {
  return `2026-01-01T00:${time.padStart(5, '0')}Z`;
}

function edit(world: TinyWorld, what: string, change: Partial<RolloutSpec>): void {
  world.edit(what, (spec) => ({ ...spec, ...change }));
}

describe('an update', () => {
  test('begins with the first version and ends when it is complete', () => {
    const world = worldWith(INDEFINITE);
    world.settle();
    expect(durationOf(world)).toEqual({ rolloutStartedAt: at('0:00') });
    world.run(MINUTE);
    expect(durationOf(world)).toEqual({
      rolloutStartedAt: at('0:00'),
      finishedAt: at('0:05'),
      completionStatus: 'Promoted',
    });
  });

  test('begins anew with each version', () => {
    const world = settled();
    world.run(SECOND);
    world.image('v2');
    world.settle();
    expect(durationOf(world)).toEqual({ rolloutStartedAt: at('1:01') });
  });

  test('pauses for a time by itself: nobody is waited for', () => {
    const world = settled([{ setWeight: 50 }, { pause: { duration: '30s' } }]);
    world.image('v2');
    world.run(10 * SECOND);
    expect(world.rollout.status?.phase).toBe('Paused');
    expect(durationOf(world)).toEqual({ rolloutStartedAt: at('1:00') });
    world.run(MINUTE);
    expect(durationOf(world)).toEqual({
      rolloutStartedAt: at('1:00'),
      finishedAt: at('1:40'),
      completionStatus: 'Promoted',
    });
  });

  test('waits for a person at a step without duration, and what comes after is progress', () => {
    const world = paused();
    const waiting = { rolloutStartedAt: at('1:00'), manualPauseStartedAt: at('1:05') };
    expect(durationOf(world)).toEqual(waiting);
    world.promote();
    world.settle();
    expect(durationOf(world)).toEqual({ rolloutStartedAt: at('1:00'), totalManualPauseDurationSeconds: 60 });
    world.run(MINUTE);
    expect(durationOf(world)).toMatchObject({ totalManualPauseDurationSeconds: 60, completionStatus: 'Promoted' });
  });

  test('sums up several pauses', () => {
    const world = settled([{ setWeight: 25 }, { pause: {} }, { setWeight: 50 }, { pause: {} }]);
    world.image('v2');
    for (const seconds of [20, 40]) {
      world.run(5 * SECOND);
      expect(world.rollout.status?.phase).toBe('Paused');
      world.run(seconds * SECOND);
      world.promote();
    }
    world.run(MINUTE);
    expect(durationOf(world)).toMatchObject({ totalManualPauseDurationSeconds: 60, completionStatus: 'Promoted' });
  });

  test('is paused by spec.paused', () => {
    const world = settled([{ setWeight: 50 }, { pause: { duration: '1s' } }]);
    edit(world, 'pause', { paused: true });
    world.settle();
    expect(durationOf(world)).not.toHaveProperty('manualPauseStartedAt');
    world.image('v2');
    world.run(30 * SECOND);
    expect(durationOf(world)).toEqual({ rolloutStartedAt: at('1:00'), manualPauseStartedAt: at('1:00') });
    edit(world, 'resume', { paused: false });
    world.run(MINUTE);
    expect(durationOf(world)).toMatchObject({ totalManualPauseDurationSeconds: 30, completionStatus: 'Promoted' });
  });

  test('is paused by an inconclusive analysis', () => {
    const world = new TinyWorld(STORIES['inconclusive-analysis-pauses']!.options);
    STORIES['inconclusive-analysis-pauses']!.play(world);
    const pauses = world.statusPatches.filter(({ pauseConditions }) =>
      JSON.stringify(pauseConditions ?? []).includes('InconclusiveAnalysisRun'),
    );
    expect(pauses).toMatchObject([{ duration: { manualPauseStartedAt: expect.any(String) as string } }]);
    expect(durationOf(world)?.totalManualPauseDurationSeconds).toBeGreaterThan(0);
  });

  test('that waits for measurements does not wait for a person', () => {
    const world = new TinyWorld(STORIES['until-verified']!.options);
    STORIES['until-verified']!.play(world);
    expect(world.statusPatches.some(({ message }) => JSON.stringify(message ?? '').includes('CanaryPauseStep'))).toBe(
      true,
    );
    expect(durationOf(world)).toMatchObject({ completionStatus: 'Promoted' });
    expect(durationOf(world)).not.toHaveProperty('totalManualPauseDurationSeconds');
  });

  test('that is promoted in full says so', () => {
    const world = paused();
    world.order('promote in full', { promoteFull: true, pauseConditions: null });
    world.run(MINUTE);
    expect(durationOf(world)).toMatchObject({ totalManualPauseDurationSeconds: 60, completionStatus: 'FastPromoted' });
    expect(durationOf(world)).not.toHaveProperty('manualPauseStartedAt');
  });

  test('ends with an abort, and what follows is not part of it', () => {
    const world = paused();
    world.abort();
    world.settle();
    const aborted = {
      rolloutStartedAt: at('1:00'),
      totalManualPauseDurationSeconds: 60,
      finishedAt: at('2:05'),
      completionStatus: 'Aborted',
    };
    expect(durationOf(world)).toEqual(aborted);
    world.run(5 * MINUTE);
    expect(durationOf(world)).toEqual(aborted);
  });

  test('begins anew with a retry', () => {
    const world = paused();
    world.abort();
    world.run(MINUTE);
    world.retry();
    world.run(10 * SECOND);
    expect(durationOf(world)).toEqual({ rolloutStartedAt: at('3:05'), manualPauseStartedAt: at('3:10') });
  });

  test('begins anew when it is promoted in full after an abort', () => {
    const world = paused();
    world.abort();
    world.run(MINUTE);
    world.order('promote in full', { promoteFull: true });
    world.run(MINUTE);
    expect(durationOf(world)).toMatchObject({ rolloutStartedAt: at('3:05'), completionStatus: 'FastPromoted' });
  });

  test('that another replaces ends, and the other begins', () => {
    const world = paused();
    world.image('v3');
    world.settle();
    expect(durationOf(world)).toEqual({ rolloutStartedAt: at('2:05') });
    expect(world.endedAttempts.at(-1)).toEqual({
      rolloutStartedAt: at('1:00'),
      totalManualPauseDurationSeconds: 60,
      finishedAt: at('2:05'),
      completionStatus: 'Superseded',
    });
  });

  test('whose steps change is replaced too', () => {
    const world = paused();
    world.edit('other steps', (spec) => ({
      ...spec,
      strategy: { canary: { steps: [{ setWeight: 25 }, { pause: {} }] } },
    }));
    world.settle();
    expect(durationOf(world)?.rolloutStartedAt).toBe(at('2:05'));
    expect(world.endedAttempts.at(-1)?.completionStatus).toBe('Superseded');
  });

  test('that goes back to the stable version keeps its time', () => {
    const world = paused();
    world.image('v1');
    world.settle();
    expect(durationOf(world)).toMatchObject({ rolloutStartedAt: at('1:00'), completionStatus: 'FastRolledBack' });
    world.run(MINUTE);
    expect(durationOf(world)).toMatchObject({
      rolloutStartedAt: at('1:00'),
      totalManualPauseDurationSeconds: 60,
      finishedAt: at('2:10'),
    });
    expect(world.endedAttempts.map(({ completionStatus }) => completionStatus)).toEqual(['Promoted', 'FastRolledBack']);
  });

  test('that goes back behind the stable version keeps its time, pauses included', () => {
    const world = paused();
    world.promote();
    world.run(MINUTE);
    world.image('v3');
    world.run(10 * SECOND);
    world.image('v1');
    world.run(10 * SECOND);
    expect(durationOf(world)).toEqual({
      rolloutStartedAt: at('3:05'),
      completionStatus: 'RolledBack',
      totalManualPauseDurationSeconds: 5,
      manualPauseStartedAt: at('3:20'),
    });
    world.promote();
    world.run(MINUTE);
    expect(durationOf(world)).toMatchObject({
      completionStatus: 'RolledBack',
      finishedAt: expect.any(String) as string,
    });
    expect(world.endedAttempts.map(({ completionStatus }) => completionStatus)).not.toContain('Superseded');
  });

  test('that goes back and is aborted was rolled back', () => {
    const world = paused();
    world.promote();
    world.run(MINUTE);
    world.image('v3');
    world.run(10 * SECOND);
    world.image('v1');
    world.run(10 * SECOND);
    world.abort();
    world.settle();
    expect(world.endedAttempts.at(-1)).toMatchObject({ completionStatus: 'RolledBack', finishedAt: at('3:25') });
  });
});

describe('nothing is timed', () => {
  test('when only the size changes', () => {
    const world = settled();
    const before = durationOf(world);
    world.scale(7);
    world.run(MINUTE);
    expect(durationOf(world)).toEqual(before);
  });

  test('when pods of the stable version die', () => {
    const world = settled();
    const before = durationOf(world);
    world.killPods('v1');
    world.run(MINUTE);
    expect(durationOf(world)).toEqual(before);
  });

  test('when steps change under a version that is already stable', () => {
    const world = settled();
    const before = durationOf(world);
    world.edit('other steps', (spec) => ({ ...spec, strategy: { canary: { steps: [{ setWeight: 25 }] } } }));
    world.run(MINUTE);
    expect(durationOf(world)).toEqual(before);
  });

  test('when the version was aborted and the stable one comes back', () => {
    const world = paused();
    world.abort();
    world.run(MINUTE);
    const before = durationOf(world);
    world.image('v1');
    world.run(MINUTE);
    expect(durationOf(world)).toEqual(before);
  });

  test('while the spec is invalid', () => {
    const world = paused();
    const before = durationOf(world);
    edit(world, 'break', { replicas: -1 });
    world.abort();
    world.run(MINUTE);
    expect(world.rollout.status?.message).toContain('InvalidSpec');
    expect(durationOf(world)).toEqual(before);
  });

  test('while what the spec refers to is wrong; the update begins when it is right', () => {
    const world = settled(INDEFINITE, { canaryService: 'web-canary' });
    const before = durationOf(world);
    const service = world.services.get('web-canary')!;
    const selectOthers = { ...service, spec: { selector: { ...service.spec?.selector, app: 'other' } } };
    world.services.set('web-canary', selectOthers);
    world.image('v2');
    world.run(MINUTE);
    expect(world.rollout.status?.message).toContain('InvalidSpec');
    expect(durationOf(world)).toEqual(before);
    world.services.set('web-canary', service);
    world.settle();
    expect(durationOf(world)).toEqual({ rolloutStartedAt: at('2:00') });
  });
});

describe('taking over', () => {
  const without = ({ duration: _duration, ...status }: RolloutStatus): RolloutStatus => status;

  test.each(['Healthy', 'Paused'])('a %s Rollout whose time nobody took writes nothing', (phase) => {
    const world = phase === 'Healthy' ? settled() : paused();
    world.rollout = { ...world.rollout, status: without(world.rollout.status!) };
    expect(world.plan().status).toEqual(world.rollout.status);
    world.promote();
    world.run(MINUTE);
    expect(world.rollout.status?.phase).toBe('Healthy');
    expect(durationOf(world)).toBeUndefined();
    world.image('v9');
    world.settle();
    expect(durationOf(world)?.rolloutStartedAt).toBe(world.timestamp());
  });

  test.each(['Healthy', 'Paused'])('a %s Rollout whose time was taken writes nothing', (phase) => {
    const world = phase === 'Healthy' ? settled() : paused();
    const duration: RolloutDuration = { ...durationOf(world), rolloutStartedAt: '2025-12-31T23:00:00Z' };
    world.rollout = { ...world.rollout, status: { ...world.rollout.status, duration } };
    expect(world.plan().status).toEqual(world.rollout.status);
    expect(world.plan().endedAttempt).toBeUndefined();
  });

  test('times that cannot be read count as none', () => {
    const world = paused();
    world.rollout = { ...world.rollout, status: { ...world.rollout.status, duration: { rolloutStartedAt: 'noon' } } };
    expect(world.plan().status.duration).toEqual({ rolloutStartedAt: 'noon' });
    world.image('v3');
    world.settle();
    expect(durationOf(world)).toEqual({ rolloutStartedAt: at('2:05') });
  });
});

describe('which pauses need a person', () => {
  const spec = (strategy: NonNullable<RolloutSpec['strategy']>): Partial<RolloutSpec> => ({ strategy });
  const CASES: readonly (readonly [string, PauseReason, Partial<RolloutSpec>, boolean])[] = [
    ['an inconclusive analysis', 'InconclusiveAnalysisRun', {}, true],
    ['an inconclusive experiment', 'InconclusiveExperiment', {}, true],
    ['a step without duration', 'CanaryPauseStep', spec({ canary: { steps: [{ pause: {} }] } }), true],
    ['a step with duration', 'CanaryPauseStep', spec({ canary: { steps: [{ pause: { duration: 5 } }] } }), false],
    ['blue-green without automatic promotion', 'BlueGreenPause', bluegreen({ autoPromotionEnabled: false }), true],
    ['blue-green with automatic promotion', 'BlueGreenPause', bluegreen({ autoPromotionEnabled: true }), false],
    ['blue-green by default', 'BlueGreenPause', bluegreen({}), false],
  ];

  function bluegreen(more: object): Partial<RolloutSpec> {
    return spec({ blueGreen: { activeService: 'web', ...more } });
  }

  test.each(CASES)('%s', (_title, reason, change, isManual) => {
    const world = paused();
    const rollout = { ...world.rollout, spec: { ...world.rollout.spec, ...change } };
    const status = { ...rollout.status, duration: { rolloutStartedAt: at('1:00') } };
    const facts = gatherFacts({ ...world.observe(), rollout: { ...rollout, status } }, world.now);
    const after = { ...status, currentStepIndex: 0, pauseConditions: [{ reason, startTime: at('1:30') }] };
    const expected = isManual ? { manualPauseStartedAt: at('2:05') } : {};
    expect(planDuration(facts, false, after)).toEqual({
      duration: { rolloutStartedAt: at('1:00'), ...expected },
      ended: undefined,
    });
  });
});

test('a clock that was set back makes no pause negative', () => {
  const world = paused();
  world.promote();
  const plan = planRollout(world.observe(), world.now - 5 * MINUTE);
  expect(plan.status.duration?.totalManualPauseDurationSeconds).toBe(0);
});
