import { expect, test } from 'vitest';
import { addPause, NO_PAUSES } from '../../../src/core/rollout/pause.ts';

test('a pause counts from no earlier than it began, although it is stored in whole seconds', () => {
  const { conditions } = addPause(NO_PAUSES, 'CanaryPauseStep', Date.UTC(2026, 0, 1, 0, 0, 1, 200));
  expect(conditions).toEqual([{ reason: 'CanaryPauseStep', startTime: '2026-01-01T00:00:02Z' }]);
});

test('the same pause is added once', () => {
  const once = addPause(NO_PAUSES, 'InconclusiveAnalysisRun', 0);
  expect(addPause(once, 'InconclusiveAnalysisRun', 60_000)).toBe(once);
});
