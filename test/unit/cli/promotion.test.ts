import { describe, expect, it } from 'vitest';
import { type PromoteMode, planPromotion } from '../../../src/cli/promotion.ts';
import { blueGreenRollout, canaryRollout } from './fixtures.ts';

const RUNNING = { pauseConditions: null, controllerPause: false, phase: 'Progressing' };
const plan = (change: Parameters<typeof canaryRollout>[0], mode: PromoteMode = 'next') =>
  planPromotion(canaryRollout(change), mode);
const atStep = (currentStepIndex: number) => ({ pauseConditions: null, controllerPause: false, currentStepIndex });

describe('promote', () => {
  it('ends a pause', () => {
    expect(plan({})).toEqual({ status: { pauseConditions: null }, message: 'promoted' });
  });

  it('unpauses the spec as well when both hold the update', () => {
    expect(plan({ spec: { paused: true } })).toEqual({
      spec: { paused: false },
      status: { pauseConditions: null },
      message: 'promoted',
    });
  });

  it('skips no step of a canary that is only held by spec.paused', () => {
    expect(plan({ spec: { paused: true }, status: RUNNING })).toEqual({ spec: { paused: false }, message: 'promoted' });
  });

  it('skips no step that follows a pause which somebody else has just ended', () => {
    expect(plan({ status: { pauseConditions: null, controllerPause: true } })).toEqual({
      message: 'is being promoted already',
    });
  });

  it('leaves a running step behind, in a state from which the next pause begins anew', () => {
    expect(plan({ status: RUNNING })).toEqual({ status: atStep(2), message: 'promoted' });
  });

  it('leaves a step whose own analysis was inconclusive', () => {
    const canary = { currentStepAnalysisRunStatus: { name: 'r', status: 'Inconclusive' } };
    expect(plan({ status: { canary } })).toEqual({ status: atStep(2), message: 'promoted' });
  });

  it('ends the pause of an inconclusive background analysis without skipping a step', () => {
    const status = {
      pauseConditions: [{ reason: 'InconclusiveAnalysisRun', startTime: '2026-11-21T12:00:00Z' }],
      canary: { currentBackgroundAnalysisRunStatus: { name: 'r', status: 'Inconclusive' } },
    };
    expect(plan({ status })).toEqual({ status: { pauseConditions: null }, message: 'promoted' });
  });

  it('writes nothing when there is nothing to promote', () => {
    expect(plan({ status: { ...RUNNING, stableRS: 'new' } })).toEqual({ message: 'is fully promoted already' });
    expect(plan({ status: { ...RUNNING, currentStepIndex: 4 } })).toEqual({
      message: 'has no step to promote: it waits for its pods',
    });
  });

  it('refuses an aborted update and says what helps', () => {
    expect(() => plan({ status: { ...RUNNING, abort: true } })).toThrow('rollout "web" is aborted');
  });

  it('ends the pause of blue-green', () => {
    expect(planPromotion(blueGreenRollout(), 'next').status).toEqual({ pauseConditions: null });
  });
});

describe('promote --full', () => {
  it('asks for full promotion, and unpauses the spec', () => {
    expect(plan({ spec: { paused: true } }, 'full')).toEqual({
      spec: { paused: false },
      status: { promoteFull: true },
      message: 'fully promoted',
    });
  });

  it('leaves no order behind that would skip the next update', () => {
    expect(plan({ status: { ...RUNNING, stableRS: 'new' } }, 'full')).toEqual({ message: 'is fully promoted already' });
  });

  it('works on an aborted update', () => {
    expect(plan({ status: { ...RUNNING, abort: true } }, 'full').status).toEqual({ promoteFull: true });
  });
});

describe('promote --skip-…', () => {
  it('goes one step, or to the end', () => {
    expect(plan({}, 'skip-current-step').status).toEqual(atStep(2));
    expect(plan({ status: { currentStepIndex: 4 } }, 'skip-current-step').status).toEqual(atStep(4));
    expect(plan({}, 'skip-all-steps').status).toEqual(atStep(4));
  });

  it('refuses where there are no steps', () => {
    expect(() => planPromotion(blueGreenRollout(), 'skip-all-steps')).toThrow('only canary rollouts have steps');
    expect(() => plan({ canary: { steps: [] } }, 'skip-current-step')).toThrow('the rollout has no steps');
  });
});
