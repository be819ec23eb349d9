import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Rollout, RolloutStatus } from '../../../src/api/rollout.ts';
import { blindPlan } from '../../../src/core/rollout/blind.ts';
import { conditionOf } from '../../../src/core/rollout/condition.ts';
import { isObserved, observedGeneration, reportedGeneration } from '../../../src/core/rollout/observed-generation.ts';
import { planRollout } from '../../../src/core/rollout/plan-rollout.ts';
import { withReadiness } from '../../../src/core/rollout/readiness.ts';
import type { JsonObject } from '../../../src/core/values/json.ts';
import { applyMergePatch } from '../../../src/core/values/merge-patch.ts';
import { STORIES } from '../../golden/scripts.ts';
import { argoCdHealth, kstatus } from '../../support/status-readers.ts';
import { TinyWorld } from '../../support/tiny-world.ts';

const FLUX = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };
const NOW = Date.parse('2026-01-01T00:00:00Z');

const rolloutOf = (metadata: Partial<Rollout['metadata']>, status: RolloutStatus = {}): Rollout => ({
  metadata: { name: 'web', generation: 7, ...metadata },
  spec: {},
  status,
});

/** Every status that a story stored, one after the other. */
function statusesOf(story: string): readonly RolloutStatus[] {
  const { options, play } = STORIES[story]!;
  const world = new TinyWorld(options);
  play(world);
  const statuses: RolloutStatus[] = [];
  for (const patch of world.statusPatches)
    statuses.push(applyMergePatch((statuses.at(-1) ?? {}) as JsonObject, patch) as RolloutStatus);
  return statuses;
}

const KSTATUS_OF = { Healthy: 'Current', Degraded: 'Failed', Progressing: 'InProgress', Paused: 'InProgress' } as const;
const ARGO_CD_OF = { Healthy: 'Healthy', Degraded: 'Degraded', Progressing: 'Progressing', Paused: 'Suspended' };

describe.each(Object.keys(STORIES))('every status of %s', (story) => {
  test('tells kstatus and Argo CD what its phase says', () => {
    const statuses = statusesOf(story);
    expect(statuses.length).toBeGreaterThan(0);
    for (const status of statuses) {
      const { observedGeneration: text, ...judged } = status;
      const generation = Number(text);
      const metadata = { name: 'web', generation };
      expect(argoCdHealth({ metadata, spec: {}, status })).toBe(ARGO_CD_OF[status.phase!]);
      expect(argoCdHealth({ metadata, spec: {}, status: judged })).toBe(ARGO_CD_OF[status.phase!]);
      expect(kstatus({ metadata, status: judged })).toBe(KSTATUS_OF[status.phase!]);
      expect(kstatus({ metadata, status: { ...judged, observedGeneration: generation } })).toBe(
        KSTATUS_OF[status.phase!],
      );
      expect(kstatus({ metadata, status: { ...judged, observedGeneration: generation - 1 } })).toBe('InProgress');
      expect(conditionOf(status.conditions, 'Ready')?.observedGeneration).toBe(generation);
      // Argo Rollouts takes some reasons for a failure of its own, whichever condition has them.
      expect(conditionOf(status.conditions, 'Stalled')?.reason ?? 'Degraded').toBe('Degraded');
    }
  });
});

describe('status.observedGeneration', () => {
  test.each([
    ['a string by default, as Argo Rollouts writes it', {}, '7'],
    ['absent when Flux applies Kustomizations', { labels: FLUX }, undefined],
    ['absent when Flux installs charts', { labels: { 'helm.toolkit.fluxcd.io/name': 'web' } }, undefined],
    ['absent when Helm installed it', { annotations: { 'meta.helm.sh/release-name': 'web' } }, undefined],
    ['absent on request', { annotations: { 'linnet.dev/observed-generation': 'absent' } }, undefined],
    ['a string on request', { labels: FLUX, annotations: { 'linnet.dev/observed-generation': 'string' } }, '7'],
    ['a number on request', { annotations: { 'linnet.dev/observed-generation': 'integer' } }, 7],
    ['as without the annotation when it is misspelt', { annotations: { 'linnet.dev/observed-generation': 'no' } }, '7'],
  ])('is %s', (_title, metadata, expected) => {
    expect(reportedGeneration(rolloutOf(metadata))).toBe(expected);
  });

  test('goes when Flux takes a Rollout over, and kstatus sees it', () => {
    const world = new TinyWorld(STORIES['initial-deploy']!.options);
    world.run(60_000);
    const observed = world.observe();
    expect(() => kstatus(observed.rollout)).toThrow('is of the type string, expected int64');
    const labels = { ...observed.rollout.metadata.labels, ...FLUX };
    const rollout = { ...observed.rollout, metadata: { ...observed.rollout.metadata, labels } };
    const { status, actions } = planRollout({ ...observed, rollout }, world.now);
    expect(actions).toEqual([]);
    expect(status).not.toHaveProperty('observedGeneration');
    expect(kstatus({ ...rollout, status })).toBe('Current');
  });

  test('is not copied into the status of an invalid spec', () => {
    const rollout = rolloutOf({ labels: FLUX }, { observedGeneration: '3' });
    const world = new TinyWorld(STORIES['initial-deploy']!.options);
    const { status } = planRollout({ ...world.observe(), rollout }, NOW);
    expect(status).not.toHaveProperty('observedGeneration');
    expect(kstatus({ ...rollout, status })).toBe('Failed');
  });
});

describe('observedGeneration', () => {
  const ready = (generation: number): RolloutStatus =>
    withReadiness(rolloutOf({ generation, labels: FLUX }), { phase: 'Healthy' }, NOW);

  test('is read from the condition where the field is left out', () => {
    expect(observedGeneration(rolloutOf({}, ready(7)))).toBe(7);
    expect(isObserved(rolloutOf({}, ready(7)))).toBe(true);
    expect(isObserved(rolloutOf({}, ready(6)))).toBe(false);
  });

  test('of Argo Rollouts, which leaves the condition as it is, counts more', () => {
    expect(isObserved(rolloutOf({}, { ...ready(3), observedGeneration: '7' }))).toBe(true);
  });

  test('is read from a number, too', () => {
    expect(isObserved(rolloutOf({}, { observedGeneration: 7 }))).toBe(true);
    expect(isObserved(rolloutOf({}, { observedGeneration: 6 }))).toBe(false);
  });

  test('of controllers before 1.0 was a hash, and counts as observed', () => {
    expect(isObserved(rolloutOf({}, { observedGeneration: '5f8d9c' }))).toBe(true);
  });

  test('of a Rollout that nobody has seen is unknown', () => {
    expect(isObserved(rolloutOf({}))).toBe(false);
  });
});

test('what cannot be looked at is not ready because the spec before it was', () => {
  const before: RolloutStatus = { phase: 'Healthy', conditions: [] };
  const ready = withReadiness(rolloutOf({ labels: FLUX, generation: 6 }), before, NOW);
  const planned = (generation: number): Rollout => {
    const rollout = rolloutOf({ labels: FLUX, generation }, ready);
    return {
      ...rollout,
      status: blindPlan({ ...new TinyWorld(STORIES['initial-deploy']!.options).observe(), rollout }, 'no', NOW).status,
    };
  };
  expect(kstatus(planned(6))).toBe('Current');
  expect(kstatus(planned(7))).toBe('InProgress');
  expect(isObserved(planned(7))).toBe(false);
});

describe('conditions', () => {
  test('of another mistake are another failure', () => {
    const invalid = (message: string): RolloutStatus => ({
      phase: 'Degraded',
      conditions: [
        {
          type: 'InvalidSpec',
          status: 'True',
          reason: 'InvalidSpec',
          message,
          lastTransitionTime: '',
          lastUpdateTime: '',
        },
      ],
    });
    const first = withReadiness(rolloutOf({}), invalid('one'), NOW);
    const second = withReadiness(
      rolloutOf({}),
      { ...first, conditions: [...invalid('two').conditions!, ...first.conditions!.slice(1)] },
      NOW,
    );
    expect(conditionOf(first.conditions, 'Stalled')?.message).toBe('InvalidSpec: one');
    expect(conditionOf(second.conditions, 'Stalled')?.message).toBe('InvalidSpec: two');
  });
});

test('a Rollout that no controller has seen is not ready to anybody: the CRD says so', () => {
  const crd = parse(readFileSync('crds/rollout-crd.yaml', 'utf8')) as {
    spec: { versions: [{ schema: { openAPIV3Schema: { properties: { status: { default: RolloutStatus } } } } }] };
  };
  const rollout = rolloutOf({}, crd.spec.versions[0].schema.openAPIV3Schema.properties.status.default);
  expect(kstatus(rollout)).toBe('InProgress');
  expect(argoCdHealth(rollout)).toBe('Progressing');
  expect(isObserved(rollout)).toBe(false);
});
