import { describe, expect, it } from 'vitest';
import * as defaults from '../../../src/api/defaults.ts';

describe('what absent fields mean', () => {
  it('in a spec', () => {
    expect(defaults.replicasOf({})).toBe(1);
    expect(defaults.replicasOf({ replicas: 0 })).toBe(0);
    expect(defaults.minReadySecondsOf({})).toBe(0);
    expect(defaults.progressDeadlineSecondsOf({})).toBe(600);
    expect(defaults.revisionHistoryLimitOf({})).toBe(10);
    expect(defaults.revisionHistoryLimitOf({ revisionHistoryLimit: 0 })).toBe(0);
    expect(defaults.runHistoryLimitsOf({})).toEqual({ successful: 5, unsuccessful: 5 });
    expect(defaults.runHistoryLimitsOf({ analysis: { successfulRunHistoryLimit: 0 } })).toEqual({
      successful: 0,
      unsuccessful: 5,
    });
  });

  it('in a canary', () => {
    expect(defaults.maxSurgeOf({})).toBe('25%');
    expect(defaults.maxUnavailableOf({})).toBe('25%');
    expect(defaults.maxUnavailableOf({ maxUnavailable: 0 })).toBe(0);
    expect(defaults.stepsOf({})).toEqual([]);
    expect(defaults.maxTrafficWeightOf({})).toBe(100);
    expect(defaults.maxTrafficWeightOf({ trafficRouting: { maxTrafficWeight: 1000 } })).toBe(1000);
    expect(defaults.startingStepOf({})).toBe(0);
    expect(defaults.scaleDownDelayRevisionLimitOf({})).toBe(Infinity);
  });

  it.each([
    [{}, 0, 0],
    [{ trafficRouting: {} }, 30, 30],
    [{ trafficRouting: {}, scaleDownDelaySeconds: 0, abortScaleDownDelaySeconds: 0 }, 0, undefined],
    [{ trafficRouting: {}, scaleDownDelaySeconds: 5, abortScaleDownDelaySeconds: 7 }, 5, 7],
  ])('in the delays of %j', (canary, scaleDown, abort) => {
    expect(defaults.canaryScaleDownDelaySecondsOf(canary)).toBe(scaleDown);
    expect(defaults.canaryAbortScaleDownDelaySecondsOf(canary)).toBe(abort);
  });

  it('in a blue-green update', () => {
    const blueGreen = { activeService: 'a' };
    expect(defaults.blueGreenScaleDownDelaySecondsOf(blueGreen)).toBe(30);
    expect(defaults.blueGreenAbortScaleDownDelaySecondsOf(blueGreen)).toBe(30);
    expect(
      defaults.blueGreenAbortScaleDownDelaySecondsOf({ ...blueGreen, abortScaleDownDelaySeconds: 0 }),
    ).toBeUndefined();
    expect(defaults.autoPromotionEnabledOf(blueGreen)).toBe(true);
  });

  it('in a pause', () => {
    expect(defaults.onPauseTimeoutOf({})).toBe('hold');
    expect(defaults.onPauseTimeoutOf({ onTimeout: 'abort' })).toBe('abort');
  });
});
