import { expect, it } from 'vitest';
import { StatusPacer } from '../../../src/controllers/rollout/status-pacer.ts';

const KEY = 'default/app';
const NOW = 1_000_000;

function pacerThatWrote(): StatusPacer {
  const pacer = new StatusPacer();
  pacer.wrote(KEY, NOW);
  return pacer;
}

it('holds progress back until a second after the last write', () => {
  const pacer = pacerThatWrote();
  expect(pacer.holdUntil(KEY, { message: 'more', readyReplicas: 3 }, NOW + 10)).toBe(NOW + 1_000);
  expect(pacer.holdUntil(KEY, { message: 'more' }, NOW + 999)).toBe(NOW + 1_000);
  expect(pacer.holdUntil(KEY, { message: 'more' }, NOW + 1_000)).toBeUndefined();
});

it.each(['phase', 'currentStepIndex', 'conditions', 'canary', 'pauseConditions', 'abort', 'stableRS'])(
  'holds nothing back that carries %s',
  (field) => {
    expect(pacerThatWrote().holdUntil(KEY, { message: 'more', [field]: null }, NOW + 10)).toBeUndefined();
  },
);

it('knows one Rollout from another, forgets, and survives a clock that is set back', () => {
  const pacer = pacerThatWrote();
  expect(pacer.holdUntil('default/other', { message: 'more' }, NOW + 10)).toBeUndefined();
  expect(pacer.holdUntil(KEY, { message: 'more' }, NOW - 1)).toBeUndefined();
  pacer.forget(KEY);
  expect(pacer.holdUntil(KEY, { message: 'more' }, NOW + 10)).toBeUndefined();
});
