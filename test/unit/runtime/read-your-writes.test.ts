import { beforeEach, expect, test } from 'vitest';
import { ReadYourWrites } from '../../../src/runtime/read-your-writes.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

let clock: VirtualClock;
let writes: ReadYourWrites;
const at = (resourceVersion: string) => ({ metadata: { resourceVersion } });

beforeEach(() => {
  clock = new VirtualClock();
  writes = new ReadYourWrites(clock);
});

test('what was never written is never stale', () => {
  expect(writes.isStale('a', undefined)).toBe(false);
  expect(writes.isStale('a', at('1'))).toBe(false);
});

test.each([
  ['9', true],
  ['10', false],
  ['11', false],
])('after writing 10, a cache at %s is stale: %s', (cached, stale) => {
  writes.wrote('a', '10', '8');
  expect(writes.isStale('a', at(cached))).toBe(stale);
});

test('an object that we created and that the cache lacks is awaited', () => {
  writes.wrote('a', '10');
  expect(writes.isStale('a', undefined)).toBe(true);
  writes.forget('a');
  expect(writes.isStale('a', undefined)).toBe(false);
});

test('once caught up, the cache may do what it likes', () => {
  writes.wrote('a', '10');
  expect(writes.isStale('a', at('10'))).toBe(false);
  expect(writes.isStale('a', undefined)).toBe(false);
});

test('answers that overtake each other leave the latest version', () => {
  writes.wrote('a', '12');
  writes.wrote('a', '11');
  expect(writes.isStale('a', at('11'))).toBe(true);
});

test('a write that changed nothing is nothing to wait for', () => {
  writes.wrote('a', '10', '10');
  expect(writes.isStale('a', at('9'))).toBe(false);
});

test('without comparable versions, those known to be older are stale and any other is news', () => {
  writes.wrote('a', 'v2', 'v1');
  writes.wrote('a', 'v3', 'v2');
  expect(writes.isStale('a', at('v1'))).toBe(true);
  expect(writes.isStale('a', at('v2'))).toBe(true);
  expect(writes.isStale('a', at('v3'))).toBe(false);
  writes.wrote('a', 'v5', 'v4');
  expect(writes.isStale('a', at('theirs'))).toBe(false);
});

test('waiting ends, lest a lost event stop an object for ever', async () => {
  writes.wrote('a', '10');
  await clock.advanceBy(149_999);
  expect(writes.isStale('a', at('9'))).toBe(true);
  await clock.advanceBy(1);
  expect(writes.isStale('a', at('9'))).toBe(false);
});
