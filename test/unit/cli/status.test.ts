import { describe, expect, it } from 'vitest';
import { judgeGoal, parseStatusGoal, refuseImpossible } from '../../../src/cli/status-goal.ts';
import { phaseOf } from '../../../src/cli/view/phase.ts';
import { blueGreenRollout, canaryRollout } from './fixtures.ts';

describe('phase for a client', () => {
  it.each([
    ['what the controller says', {}, 'Paused', 'CanaryPauseStep'],
    [
      'a spec not seen yet',
      { status: { observedGeneration: '3' } },
      'Progressing',
      'waiting for rollout spec update to be observed',
    ],
    [
      'no status at all',
      { status: { observedGeneration: undefined } },
      'Progressing',
      'waiting for rollout spec update to be observed',
    ],
    [
      'a hash of an old controller counts as observed',
      { status: { observedGeneration: '5f8d9c' } },
      'Paused',
      'CanaryPauseStep',
    ],
    [
      'a generation of the future counts as observed',
      { status: { observedGeneration: '9' } },
      'Paused',
      'CanaryPauseStep',
    ],
    ['a pause just ended', { status: { pauseConditions: [] } }, 'Progressing', 'waiting for rollout to unpause'],
    [
      'a workload not seen yet',
      {
        spec: { workloadRef: { kind: 'Deployment', name: 'web' } },
        metadata: { annotations: { 'rollout.argoproj.io/workload-generation': '2' } },
        status: { workloadObservedGeneration: '1' },
      },
      'Progressing',
      'waiting for rollout spec update to be observed for the reference workload',
    ],
  ])('%s', (_what, change, phase, message) => {
    expect(phaseOf(canaryRollout(change))).toEqual({ phase, message });
  });
});

describe('what status waits for', () => {
  const paused = canaryRollout();
  const healthy = canaryRollout({ status: { phase: 'Healthy', pauseConditions: null, controllerPause: false } });
  const degraded = canaryRollout({ status: { phase: 'Degraded', pauseConditions: null, controllerPause: false } });
  const running = canaryRollout({ status: { phase: 'Progressing', pauseConditions: null, controllerPause: false } });
  const stale = canaryRollout({ status: { observedGeneration: '3', currentStepIndex: 4 } });

  it.each([
    [undefined, paused, 'waiting'],
    [undefined, healthy, 'reached'],
    [undefined, degraded, 'degraded'],
    ['healthy', paused, 'waiting'],
    ['healthy', healthy, 'reached'],
    ['paused', paused, 'reached'],
    ['paused', running, 'waiting'],
    ['paused', healthy, 'missed'],
    ['paused', degraded, 'degraded'],
    ['step=1', running, 'reached'],
    ['step=2', running, 'waiting'],
    ['step=2', healthy, 'reached'],
    ['step=2', degraded, 'degraded'],
    ['step=2', stale, 'waiting'],
  ] as const)('--until %s: %#', (text, rollout, verdict) => {
    expect(judgeGoal(parseStatusGoal(text), rollout)).toBe(verdict);
  });

  it('refuses what there is not, and what can never come', () => {
    expect(() => parseStatusGoal('done')).toThrow('"done" is nothing to wait for');
    expect(() => refuseImpossible(parseStatusGoal('step=9'), paused)).toThrow('only 4 steps');
    expect(() => refuseImpossible(parseStatusGoal('step=1'), blueGreenRollout())).toThrow('no steps');
  });
});
