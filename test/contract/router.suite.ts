import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import type { TrafficIntent } from '../../src/core/traffic/intent.ts';
import type { Router } from '../../src/traffic/router.ts';
import { MemoryKube } from '../support/memory-kube.ts';

/** What a router has to bring to be tested. */
export interface RouterFixture {
  readonly name: string;
  readonly router: Router;
  readonly rollout: Rollout;
  /** The user's objects that the router needs. */
  readonly objects: readonly KubeObject[];
  /** The weight that the objects in `kube` carry, read independently of the router. */
  readonly weightIn: (kube: MemoryKube) => number | undefined;
  /** Removes a user's object without which no weight can be set. */
  readonly breakRoute: (kube: MemoryKube) => void;
}

/** The promises of `Router`, the same for all of them. */
export function describeRouter({ name, router, rollout, objects, weightIn, breakRoute }: RouterFixture): void {
  const setUp = () => {
    const kube = new MemoryKube(objects);
    return { kube, context: { reader: kube, client: kube } };
  };
  const intent = (canaryWeight: number): TrafficIntent => ({
    canaryWeight,
    maxWeight: 100,
    explicitMaxWeight: false,
    canaryService: 'api-canary',
    stableService: 'api-stable',
    canaryHash: 'b',
    stableHash: 'a',
  });

  describe(`router ${name}`, () => {
    it('recognises the Rollouts that configure it', () => {
      expect(router.configured(rollout)).toBe(true);
      expect(router.configured({ ...rollout, spec: { ...rollout.spec, strategy: { canary: {} } } })).toBe(false);
    });

    it('carries every weight, and observes what it wrote', async () => {
      const { kube, context } = setUp();
      for (const weight of [0, 10, 55, 100, 0]) {
        await router.apply(rollout, intent(weight), context);
        expect(weightIn(kube)).toBe(weight);
        expect(await router.observe(rollout, context)).toMatchObject({ type: router.type, weight });
      }
    });

    it('sends nothing when nothing differs', async () => {
      const { kube, context } = setUp();
      await router.apply(rollout, intent(10), context);
      const writes = kube.writes.length;
      expect(await router.apply(rollout, intent(10), context)).toEqual({ wrote: false, events: [] });
      expect(kube.writes).toHaveLength(writes);
    });

    it("leaves the user's objects and foreign fields as they are", async () => {
      const { kube, context } = setUp();
      const before = structuredClone(objects);
      for (const weight of [10, 0]) await router.apply(rollout, intent(weight), context);
      for (const object of before) expect(kube.current(object)).toMatchObject(object);
    });

    it('says what is missing when the route cannot carry a weight, and observing it still works', async () => {
      const { kube, context } = setUp();
      breakRoute(kube);
      await expect(router.apply(rollout, intent(10), context)).rejects.toThrow(/"?api-[a-z]+"?.*; /s);
      expect((await router.observe(rollout, context)).weight).toBeUndefined();
    });

    it('takes weight away even when the route is broken', async () => {
      const { kube, context } = setUp();
      await router.apply(rollout, intent(50), context);
      breakRoute(kube);
      await router.apply(rollout, intent(0), context);
      expect(weightIn(kube)).toBe(0);
    });
  });
}
