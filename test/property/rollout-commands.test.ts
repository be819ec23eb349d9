import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CanaryStep } from '../../src/api/canary-step.ts';
import { TinyWorld } from '../support/tiny-world.ts';

/**
 * Whatever people order, and whenever, no invariant breaks, the planner comes to rest, and an update that is left alone
 * afterwards ends with the newest version everywhere.
 */

const RUNS = Number(process.env['COMMAND_RUNS'] ?? '15');

/** Fixed, so that a change of the planner is what makes a difference. */
const SEED = Number(process.env['COMMAND_SEED'] ?? '1');

const step: fc.Arbitrary<CanaryStep> = fc.oneof(
  fc.nat(100).map((setWeight) => ({ setWeight })),
  fc.integer({ min: 1, max: 40 }).map((duration) => ({ pause: { duration } })),
);

const command = fc.oneof(
  fc.constantFrom('v1', 'v2', 'v3').map((image) => ({ kind: 'image', image }) as const),
  fc.integer({ min: 1, max: 12 }).map((replicas) => ({ kind: 'scale', replicas }) as const),
  fc.constantFrom('abort', 'retry', 'promote', 'promoteFull', 'pause', 'unpause').map((kind) => ({ kind }) as const),
);

const script = fc.array(fc.tuple(command, fc.integer({ min: 0, max: 45_000 })), { maxLength: 8 });

type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

function carryOut(world: TinyWorld, order: Command): void {
  switch (order.kind) {
    case 'image':
      return world.image(order.image);
    case 'scale':
      return world.scale(order.replicas);
    case 'abort':
      return world.abort();
    case 'retry':
      return world.retry();
    case 'promote':
      return world.promote();
    case 'promoteFull':
      return world.order('promote --full', { promoteFull: true });
    case 'pause':
      return world.edit('pause', (spec) => ({ ...spec, paused: true }));
    case 'unpause':
      return world.edit('unpause', (spec) => ({ ...spec, paused: false }));
  }
}

test.each([
  ['with nginx', true],
  ['without routing', false],
] as const)('%s', (_title, routed) => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 5 }),
      fc.integer({ min: 1, max: 12 }),
      script,
      (steps, replicas, orders) => {
        const services = { canaryService: 'web-canary', stableService: 'web-stable' };
        const routing = routed ? { trafficRouting: { nginx: { stableIngress: 'web' } } } : {};
        const world = new TinyWorld({
          routed,
          spec: {
            replicas,
            selector: { matchLabels: { app: 'web' } },
            strategy: { canary: { ...services, ...routing, steps } },
            template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'v1' }] } },
          },
        });
        world.run(60_000);
        for (const [order, milliseconds] of orders) {
          carryOut(world, order);
          world.run(milliseconds);
        }
        world.edit('unpause', (spec) => ({ ...spec, paused: false }));
        world.retry();
        world.run(15 * 60_000);
        if (world.violations.length > 0) throw new Error([world.violations[0], world.story()].join('\n'));
        const { phase, stableRS, currentPodHash } = world.rollout.status ?? {};
        if (phase !== 'Healthy') throw new Error(world.story());
        expect(stableRS).toBe(currentPodHash);
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
});
