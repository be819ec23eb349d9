import { expect, it } from 'vitest';
import type { RolloutCondition } from '../../../src/api/rollout-status.ts';
import { type StatusChange, StatusPacer } from '../../../src/controllers/rollout/status-pacer.ts';

const KEY = 'default/app';
const NOW = 1_000_000;

function pacerThatWrote(): StatusPacer {
  const pacer = new StatusPacer();
  pacer.wrote(KEY, NOW);
  return pacer;
}

function change(patch: StatusChange['patch'], rest: Partial<StatusChange> = {}): StatusChange {
  return { before: {}, patch, acted: false, ...rest };
}

function condition(type: string, reason: string, lastUpdateTime: string): RolloutCondition {
  return { type, status: 'True', reason, message: '', lastUpdateTime, lastTransitionTime: '2026-01-01T00:00:00Z' };
}

it('holds progress back until two seconds after the last write', () => {
  const pacer = pacerThatWrote();
  expect(pacer.holdUntil(KEY, change({ message: 'more', readyReplicas: 3 }), NOW + 10)).toBe(NOW + 2_000);
  expect(pacer.holdUntil(KEY, change({ message: 'more' }), NOW + 1_999)).toBe(NOW + 2_000);
  expect(pacer.holdUntil(KEY, change({ message: 'more' }), NOW + 2_000)).toBeUndefined();
});

it('waits for what a pass that acted brings about, and not for ever', () => {
  const pacer = pacerThatWrote();
  const acted = change({ message: 'more' }, { acted: true });
  expect(pacer.holdUntil(KEY, acted, NOW + 60_000)).toBe(NOW + 62_000);
  expect(pacer.holdUntil(KEY, acted, NOW + 61_800)).toBe(NOW + 62_000);
  expect(pacer.holdUntil(KEY, acted, NOW + 62_000)).toBeUndefined();
  pacer.wrote(KEY, NOW + 62_000);
  expect(pacer.holdUntil(KEY, acted, NOW + 70_000)).toBe(NOW + 72_000);
});

it.each(['phase', 'currentStepIndex', 'conditions', 'canary', 'pauseConditions', 'abort', 'stableRS'])(
  'holds nothing back that carries %s',
  (field) => {
    const before = { conditions: [condition('Healthy', 'RolloutHealthy', '2026-01-01T00:00:00Z')] };
    const patch = { message: 'more', [field]: null };
    for (const acted of [false, true])
      expect(pacerThatWrote().holdUntil(KEY, change(patch, { before, acted }), NOW + 10)).toBeUndefined();
  },
);

it('takes a condition for progress that was only renewed, wherever it stands', () => {
  const [healthy, old, renewed] = [
    condition('Healthy', 'RolloutHealthy', '2026-01-01T00:00:00Z'),
    condition('Progressing', 'ReplicaSetUpdated', '2026-01-01T00:00:00Z'),
    condition('Progressing', 'ReplicaSetUpdated', '2026-01-01T00:00:09Z'),
  ];
  const before = { conditions: [old, healthy] };
  const holdUntil = (conditions: readonly RolloutCondition[]) =>
    pacerThatWrote().holdUntil(KEY, change({ conditions: [...conditions] }, { before }), NOW + 10);
  expect(holdUntil([healthy, renewed])).toBe(NOW + 2_000);
  expect(holdUntil([healthy, { ...renewed, reason: 'RolloutPaused' }])).toBeUndefined();
  expect(holdUntil([renewed])).toBeUndefined();
});

it('knows one Rollout from another, forgets, and survives a clock that is set back', () => {
  const pacer = pacerThatWrote();
  expect(pacer.holdUntil('default/other', change({ message: 'more' }), NOW + 10)).toBeUndefined();
  expect(pacer.holdUntil(KEY, change({ message: 'more' }), NOW - 1)).toBeUndefined();
  pacer.forget(KEY);
  expect(pacer.holdUntil(KEY, change({ message: 'more' }), NOW + 10)).toBeUndefined();
});
