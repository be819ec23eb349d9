import { expect, test } from 'vitest';
import { addPause, NO_PAUSES } from '../../../src/core/rollout/pause.ts';

test.each([
  [200, '2026-01-01T00:00:01Z'],
  [700, '2026-01-01T00:00:02Z'],
])('a pause that begins %i ms into a second counts from the full second next to it', (milliseconds, startTime) => {
  const { conditions } = addPause(NO_PAUSES, 'CanaryPauseStep', Date.UTC(2026, 0, 1, 0, 0, 1, milliseconds));
  expect(conditions).toEqual([{ reason: 'CanaryPauseStep', startTime }]);
});

test('the same pause is added once', () => {
  const once = addPause(NO_PAUSES, 'InconclusiveAnalysisRun', 0);
  expect(addPause(once, 'InconclusiveAnalysisRun', 60_000)).toBe(once);
});
