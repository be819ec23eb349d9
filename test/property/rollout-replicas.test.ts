import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { moveTowards, podsForWeight, type Split, splitByReplicas } from '../../src/core/rollout/canary/replicas.ts';

/**
 * The replica arithmetic of a canary. The tables are worked out by hand from the rules (3.4 of Argo Rollouts'
 * reference); the properties are the bounds that they have to keep for any numbers.
 */

interface SplitVector {
  readonly desired: number;
  readonly weight: number;
  readonly surge: number;
  readonly expected: Split;
  readonly why: string;
}

const split = (canary: number, stable: number): Split => ({ canary, stable });

const SPLITS: readonly SplitVector[] = [
  { desired: 0, weight: 50, surge: 1, expected: split(0, 0), why: 'no pods at all' },
  { desired: 10, weight: 10, surge: 1, expected: split(1, 9), why: 'an exact share' },
  { desired: 10, weight: 0, surge: 1, expected: split(0, 10), why: 'weight 0 is none' },
  { desired: 10, weight: 100, surge: 1, expected: split(10, 0), why: 'all of it' },
  { desired: 1, weight: 50, surge: 0, expected: split(1, 0), why: 'one pod that cannot be shared goes to the canary' },
  { desired: 1, weight: 50, surge: 1, expected: split(1, 1), why: 'one pod more makes an exact share' },
  { desired: 1, weight: 10, surge: 1, expected: split(1, 1), why: 'the canary gets a pod as soon as it has weight' },
  { desired: 2, weight: 50, surge: 0, expected: split(1, 1), why: 'an exact share' },
  { desired: 3, weight: 50, surge: 0, expected: split(2, 1), why: 'a tie goes to the canary' },
  { desired: 3, weight: 50, surge: 1, expected: split(2, 2), why: 'one pod more makes an exact share' },
  { desired: 4, weight: 99, surge: 0, expected: split(3, 1), why: 'stable keeps a pod below full weight' },
  { desired: 4, weight: 1, surge: 0, expected: split(1, 3), why: 'the canary gets a pod above weight 0' },
  { desired: 5, weight: 10, surge: 2, expected: split(1, 5), why: '1 of 6 is nearer to 10 % than 1 of 5' },
  { desired: 5, weight: 33, surge: 0, expected: split(2, 3), why: '40 % is nearer to 33 % than 20 %' },
  { desired: 10, weight: 25, surge: 0, expected: split(3, 7), why: 'a tie goes to the canary' },
];

describe('splitByReplicas', () => {
  test.each(SPLITS)('$desired pods, weight $weight, surge $surge: $why', ({ desired, weight, surge, expected }) => {
    expect(splitByReplicas({ desired, weight, maxWeight: 100, surge })).toEqual(expected);
  });

  test('uses at most one pod above the desired number, and only with surge', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(100), fc.nat(50), (desired, weight, surge) => {
        const { canary, stable } = splitByReplicas({ desired, weight, maxWeight: 100, surge });
        const total = canary + stable;
        expect(canary).toBeGreaterThanOrEqual(0);
        expect(stable).toBeGreaterThanOrEqual(0);
        expect(total).toBeGreaterThanOrEqual(desired);
        expect(total).toBeLessThanOrEqual(desired + Math.min(surge, desired === 0 ? 0 : 1));
      }),
    );
  });

  test('gives both versions a pod unless the weight says none or all, or there is but one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 1, max: 99 }),
        fc.nat(50),
        (desired, weight, surge) => {
          const { canary, stable } = splitByReplicas({ desired, weight, maxWeight: 100, surge });
          expect(Math.min(canary, stable)).toBeGreaterThanOrEqual(1);
        },
      ),
    );
  });

  test('misses the share by less than one pod of the total', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.nat(100), fc.nat(50), (desired, weight, surge) => {
        const { canary, stable } = splitByReplicas({ desired, weight, maxWeight: 100, surge });
        expect(Math.abs(canary - ((canary + stable) * weight) / 100)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('moveTowards', () => {
  const world = fc
    .record({
      desired: fc.nat(60),
      weight: fc.nat(100),
      surge: fc.nat(20),
      unavailable: fc.nat(20),
      canary: fc.nat(80),
      stable: fc.nat(80),
      canaryAvailable: fc.nat(80),
      stableAvailable: fc.nat(80),
      others: fc.nat(10),
    })
    .filter(({ surge, unavailable, desired }) => (surge > 0 || unavailable > 0) && unavailable <= desired);

  const requestOf = (drawn: typeof world extends fc.Arbitrary<infer T> ? T : never) => ({
    ...drawn,
    target: splitByReplicas({ desired: drawn.desired, weight: drawn.weight, maxWeight: 100, surge: drawn.surge }),
    canary: { size: drawn.canary, available: Math.min(drawn.canary, drawn.canaryAvailable) },
    stable: { size: drawn.stable, available: Math.min(drawn.stable, drawn.stableAvailable) },
  });

  test('never grows the total above desired + surge', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        const request = requestOf(drawn);
        const next = moveTowards(request);
        const before = request.canary.size + request.stable.size + request.others;
        const after = next.canary + next.stable + request.others;
        expect(after).toBeLessThanOrEqual(Math.max(before, request.desired + request.surge));
      }),
    );
  });

  test('never takes available pods below desired - unavailable, whatever happens to pods that start', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        const request = requestOf(drawn);
        const next = moveTowards(request);
        const serving = (sizes: Split): number =>
          Math.min(sizes.canary, request.canary.available) + Math.min(sizes.stable, request.stable.available);
        const before = request.canary.available + request.stable.available;
        expect(serving(next)).toBeGreaterThanOrEqual(Math.min(before, request.desired - request.unavailable));
      }),
    );
  });

  test('leaves the target alone once it is reached', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        const request = requestOf(drawn);
        const { canary, stable } = request.target;
        const there = {
          ...request,
          others: 0,
          canary: { size: canary, available: canary },
          stable: { size: stable, available: stable },
        };
        expect(moveTowards(there)).toEqual(request.target);
      }),
    );
  });

  test('arrives when every pod starts', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        const request = requestOf(drawn);
        let sizes: Split = { canary: request.canary.size, stable: request.stable.size };
        const LONG_ENOUGH = 500;
        for (let pass = 0; pass < LONG_ENOUGH; pass += 1) {
          const canary = { size: sizes.canary, available: sizes.canary };
          const stable = { size: sizes.stable, available: sizes.stable };
          sizes = moveTowards({ ...request, others: 0, canary, stable });
        }
        expect(sizes).toEqual(request.target);
      }),
      { numRuns: 50 },
    );
  });

  test('brings up the new version before it takes down the old one, with surge', () => {
    const request = { desired: 4, surge: 1, unavailable: 0, target: split(2, 2), others: 0 };
    const pods = (size: number, available = size) => ({ size, available });
    expect(moveTowards({ ...request, canary: pods(0), stable: pods(4) })).toEqual(split(1, 4));
    expect(moveTowards({ ...request, canary: pods(1, 0), stable: pods(4) })).toEqual(split(1, 4));
    expect(moveTowards({ ...request, canary: pods(1), stable: pods(4) })).toEqual(split(1, 3));
    expect(moveTowards({ ...request, canary: pods(1), stable: pods(3) })).toEqual(split(2, 3));
    expect(moveTowards({ ...request, canary: pods(2), stable: pods(3) })).toEqual(split(2, 2));
  });

  test('takes down the old version first where surge is 0', () => {
    const request = { desired: 1, surge: 0, unavailable: 1, target: split(1, 0), others: 0 };
    const pods = (size: number) => ({ size, available: size });
    expect(moveTowards({ ...request, canary: pods(0), stable: pods(1) })).toEqual(split(0, 0));
    expect(moveTowards({ ...request, canary: pods(0), stable: pods(0) })).toEqual(split(1, 0));
  });
});

test('with routing a share never has fewer pods than it stands for', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.nat(1000), (desired, weight) => {
      const pods = podsForWeight(desired, weight, 1000);
      expect(pods).toBeGreaterThanOrEqual((desired * weight) / 1000);
      expect(pods).toBeLessThan((desired * weight) / 1000 + 1);
    }),
  );
});
