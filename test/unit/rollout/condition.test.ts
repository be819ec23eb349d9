import { expect, test } from 'vitest';
import type { RolloutCondition } from '../../../src/api/rollout-status.ts';
import {
  type ConditionClaim,
  withCondition,
  withoutCondition,
  withRenewedCondition,
} from '../../../src/core/rollout/condition.ts';

const THEN = '2026-01-01T00:00:00Z';
const NOW = Date.UTC(2026, 0, 1, 0, 1);

const stored = (type: string, status: 'True' | 'False', reason: string): RolloutCondition => ({
  type,
  status,
  reason,
  message: 'old',
  lastUpdateTime: THEN,
  lastTransitionTime: THEN,
});

const claim = (status: 'True' | 'False', reason: string): ConditionClaim => ({
  type: 'Progressing',
  status,
  reason,
  message: 'new',
});

const BEFORE = [stored('Progressing', 'True', 'A'), stored('Available', 'True', 'B')];

test('the same status and reason change nothing, whatever the message', () => {
  expect(withCondition(BEFORE, claim('True', 'A'), NOW)).toBe(BEFORE);
});

test('another reason moves the condition to the end and keeps the transition time', () => {
  expect(withCondition(BEFORE, claim('True', 'C'), NOW)).toEqual([
    BEFORE[1],
    { ...claim('True', 'C'), lastUpdateTime: '2026-01-01T00:01:00Z', lastTransitionTime: THEN },
  ]);
});

test('another status is a transition', () => {
  expect(withCondition(BEFORE, claim('False', 'A'), NOW).at(-1)?.lastTransitionTime).toBe('2026-01-01T00:01:00Z');
});

test('renewing moves the update time even if nothing else changed', () => {
  const renewed = withRenewedCondition(BEFORE, claim('True', 'A'), NOW).at(-1);
  expect(renewed).toMatchObject({ message: 'new', lastUpdateTime: '2026-01-01T00:01:00Z', lastTransitionTime: THEN });
});

test('removing what is not there changes nothing', () => {
  expect(withoutCondition(BEFORE, 'Healthy')).toBe(BEFORE);
  expect(withoutCondition(BEFORE, 'Available')).toEqual([BEFORE[0]]);
});
