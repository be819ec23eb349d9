import { describe, expect, test } from 'vitest';
import type { ObservedRollout } from '../../../src/core/rollout/observed.ts';
import { planRollout } from '../../../src/core/rollout/plan-rollout.ts';
import { legacyPodTemplateHash, podTemplateHash } from '../../../src/core/values/pod-template-hash.ts';
import { STORIES } from '../../golden/scripts.ts';
import { TinyWorld } from '../../support/tiny-world.ts';

/** Taking over from Argo Rollouts writes nothing to ReplicaSets, Services and routes, at rest as in a pause. */

function worldAfter(story: string, image?: string): TinyWorld {
  const world = new TinyWorld(STORIES[story]!.options);
  world.run(120_000);
  if (image === undefined) return world;
  world.image(image);
  world.run(20_000);
  return world;
}

/** What Argo Rollouts would have left: our own fields are gone, its empty ones are there. */
function leftByArgo(world: TinyWorld, rename: (json: string) => string = (json) => json): ObservedRollout {
  const observed = world.observe();
  const { reach: _reach, replicasInEffectSince: _since, weights, ...canary } = observed.rollout.status?.canary ?? {};
  const { inEffectSince: _effect, ...split } = weights ?? {};
  const status = {
    ...observed.rollout.status,
    canary: { ...canary, ...(weights === undefined ? {} : { weights: split }) },
    blueGreen: {},
  };
  const texts = { ...observed, rollout: { ...observed.rollout, status } };
  const through = <T>(value: T): T => JSON.parse(rename(JSON.stringify(value))) as T;
  return {
    ...texts,
    rollout: through(texts.rollout) as ObservedRollout['rollout'],
    replicaSets: through(observed.replicaSets),
    services: new Map(through([...observed.services])),
    pods: through(observed.pods),
    endpoints: new Map(
      [...observed.endpoints].map(([name, { readyByHash, readyForeign }]) => [
        name,
        { readyForeign, readyByHash: new Map([...readyByHash].map(([hash, count]) => [rename(hash), count] as const)) },
      ]),
    ),
  };
}

const CASES = [
  ['at rest behind nginx', 'healthy-canary-nginx', undefined],
  ['paused behind nginx', 'healthy-canary-nginx', 'v2'],
  ['at rest without routing', 'basic-canary', undefined],
  ['paused without routing', 'basic-canary', 'v2'],
] as const;

describe.each(CASES)('%s', (_title, story, image) => {
  const world = worldAfter(story, image);
  const template = world.rollout.spec.template!;

  test('the world is where the case says', () => {
    expect(world.rollout.status?.phase).toBe(image === undefined ? 'Healthy' : 'Paused');
  });

  test('hashes of this era are recognised', () => {
    expect(planRollout(leftByArgo(world), world.now).actions).toEqual([]);
  });

  test('hashes of Argo Rollouts 1.8 are recognised', () => {
    const rename = (text: string): string =>
      text.replaceAll(podTemplateHash(template), legacyPodTemplateHash(template));
    const plan = planRollout(leftByArgo(world, rename), world.now);
    expect(plan.actions).toEqual([]);
    expect(plan.status.currentPodHash).toBe(legacyPodTemplateHash(template));
  });

  test('hashes that nobody can compute any more are recognised by the template', () => {
    const rename = (text: string): string => text.replaceAll(podTemplateHash(template), 'abcdef1234');
    const plan = planRollout(leftByArgo(world, rename), world.now);
    expect(plan.actions).toEqual([]);
    expect(plan.status.currentPodHash).toBe('abcdef1234');
    expect(plan.events).toEqual([]);
  });

  test('phase and position stay', () => {
    const { phase, currentStepIndex, stableRS, pauseConditions } = planRollout(leftByArgo(world), world.now).status;
    const before = world.rollout.status!;
    expect({ phase, currentStepIndex, stableRS, pauseConditions }).toEqual({
      phase: before.phase,
      currentStepIndex: before.currentStepIndex,
      stableRS: before.stableRS,
      pauseConditions: before.pauseConditions,
    });
  });
});

test('a step hash that reads differently does not restart an update whose spec did not change', () => {
  const world = worldAfter('healthy-canary-nginx', 'v2');
  const observed = leftByArgo(world);
  const status = { ...observed.rollout.status, currentStepHash: 'other' };
  const plan = planRollout({ ...observed, rollout: { ...observed.rollout, status } }, world.now);
  expect(plan.status.currentStepIndex).toBe(world.rollout.status?.currentStepIndex);
  expect(plan.actions).toEqual([]);
});

test('steps that did change restart the update from the first step', () => {
  const world = worldAfter('healthy-canary-nginx', 'v2');
  world.edit('more steps', (spec) => {
    const canary = spec.strategy!.canary!;
    return { ...spec, strategy: { canary: { ...canary, steps: [{ setWeight: 5 }, ...canary.steps!] } } };
  });
  expect(world.plan().status.currentStepIndex).toBe(0);
});
