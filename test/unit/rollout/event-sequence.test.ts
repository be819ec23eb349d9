import { expect, test } from 'vitest';
import type { RolloutSpec } from '../../../src/api/rollout.ts';
import { TinyWorld } from '../../support/tiny-world.ts';

/** The order of events that Argo Rollouts' own end-to-end tests pin (7.1 of its reference); clients wait for it. */

const SPEC: RolloutSpec = {
  replicas: 1,
  selector: { matchLabels: { app: 'web' } },
  strategy: { canary: { steps: [{ setWeight: 50 }, { pause: { duration: '20s' } }] } },
  template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'v1' }] } },
};

function reasonsOf(world: TinyWorld, act: () => void, milliseconds: number): readonly string[] {
  const before = world.reasons.length;
  act();
  world.run(milliseconds);
  return world.reasons.slice(before);
}

test('initial deploy, update, abort, retry, completion', () => {
  const world = new TinyWorld({ routed: false, spec: SPEC });
  expect(reasonsOf(world, () => undefined, 60_000)).toEqual([
    'RolloutUpdated',
    'NewReplicaSetCreated',
    'RolloutNotCompleted',
    'ScalingReplicaSet',
    'RolloutCompleted',
  ]);
  expect(reasonsOf(world, () => world.image('v2'), 10_000)).toEqual([
    'RolloutUpdated',
    'NewReplicaSetCreated',
    'RolloutNotCompleted',
    'ScalingReplicaSet',
    'RolloutStepCompleted',
    'RolloutPaused',
  ]);
  expect(reasonsOf(world, () => world.abort(), 10_000)).toEqual(['ScalingReplicaSet', 'RolloutAborted']);
  expect(reasonsOf(world, () => world.retry(), 60_000)).toEqual([
    'ScalingReplicaSet',
    'RolloutStepCompleted',
    'RolloutPaused',
    'RolloutStepCompleted',
    'RolloutResumed',
    'ScalingReplicaSet',
    'RolloutCompleted',
  ]);
});

test('a person who resumes makes no RolloutResumed', () => {
  const world = new TinyWorld({ routed: false, spec: SPEC });
  world.run(60_000);
  world.image('v2');
  world.run(10_000);
  expect(reasonsOf(world, () => world.promote(), 1_000)).toEqual([
    'RolloutStepCompleted',
    'ScalingReplicaSet',
    'RolloutCompleted',
  ]);
});
