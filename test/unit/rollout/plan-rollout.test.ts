import { describe, expect, test } from 'vitest';
import type { Action } from '../../../src/core/rollout/action.ts';
import type { ObservedRollout, ObservedRouter } from '../../../src/core/rollout/observed.ts';
import type { Plan } from '../../../src/core/rollout/plan.ts';
import { planRollout } from '../../../src/core/rollout/plan-rollout.ts';
import { STORIES } from '../../golden/scripts.ts';
import { TinyWorld } from '../../support/tiny-world.ts';

/** A canary behind nginx, paused at weight 10 with one canary pod of five. */
function pausedAtTen(): TinyWorld {
  const world = new TinyWorld(STORIES['healthy-canary-nginx']!.options);
  world.run(60_000);
  world.image('v2');
  world.run(30_000);
  expect(world.rollout.status).toMatchObject({ phase: 'Paused', currentStepIndex: 1 });
  return world;
}

function actionsOf<K extends Action['kind']>(plan: Plan, kind: K): readonly Extract<Action, { kind: K }>[] {
  return plan.actions.filter((action): action is Extract<Action, { kind: K }> => action.kind === kind);
}

function withStatus(observed: ObservedRollout, change: object): ObservedRollout {
  return { ...observed, rollout: { ...observed.rollout, status: { ...observed.rollout.status, ...change } } };
}

function withRouters(observed: ObservedRollout, ...changes: readonly Partial<ObservedRouter>[]): ObservedRollout {
  return { ...observed, routers: changes.map((change) => ({ ...observed.routers[0]!, ...change })) };
}

test('equal observations at equal times give equal plans', () => {
  const world = pausedAtTen();
  expect(world.plan()).toEqual(world.plan());
});

test('a paused update asks for nothing but to be woken when the pause ends', () => {
  const world = pausedAtTen();
  const plan = world.plan();
  expect(plan.actions).toEqual([]);
  expect(plan.requeueAt).toBe(Date.parse(world.rollout.status!.pauseConditions![0]!.startTime) + 30_000);
});

describe('spec.replicas without a value', () => {
  test('becomes 1 for a new Rollout', () => {
    const world = new TinyWorld(STORIES['healthy-canary-nginx']!.options);
    const { replicas: _replicas, ...spec } = world.rollout.spec;
    const plan = planRollout({ ...world.observe(), rollout: { ...world.rollout, spec } }, world.now);
    expect(plan.actions).toEqual([expect.objectContaining({ kind: 'patchRollout', patch: { spec: { replicas: 1 } } })]);
  });

  test('keeps the number of pods that run', () => {
    const world = pausedAtTen();
    const { replicas: _replicas, ...spec } = world.rollout.spec;
    const plan = planRollout({ ...world.observe(), rollout: { ...world.rollout, spec } }, world.now);
    expect(plan.actions).toEqual([expect.objectContaining({ patch: { spec: { replicas: 5 } } })]);
  });
});

describe('abort', () => {
  test('is urgent and takes the traffic back in the same pass', () => {
    const world = pausedAtTen();
    const plan = planRollout(withStatus(world.observe(), { abort: true }), world.now);
    expect(plan.urgent).toBe(true);
    expect(actionsOf(plan, 'setTraffic')).toMatchObject([{ urgent: true, intent: { canaryWeight: 0 } }]);
    expect(plan.status).toMatchObject({ abort: true, phase: 'Degraded', currentStepIndex: 0 });
    expect(plan.status.pauseConditions).toBeUndefined();
  });

  test('reaches one router although another cannot be written', () => {
    const world = pausedAtTen();
    const observed = withRouters(
      withStatus(world.observe(), { abort: true }),
      { weight: 10, problem: 'foreign owner' },
      {},
    );
    expect(actionsOf(planRollout(observed, world.now), 'setTraffic')).toMatchObject([{ intent: { canaryWeight: 0 } }]);
  });

  test('waits while no stable pod could take the traffic, and says so', () => {
    const world = pausedAtTen();
    const observed = withStatus(world.observe(), { abort: true });
    const stable = observed.rollout.status!.stableRS!;
    const replicaSets = observed.replicaSets.map((replicaSet) =>
      replicaSet.metadata.labels!['rollouts-pod-template-hash'] === stable
        ? { ...replicaSet, status: { ...replicaSet.status, availableReplicas: 0, readyReplicas: 0 } }
        : replicaSet,
    );
    const plan = planRollout({ ...observed, replicaSets }, world.now);
    expect(actionsOf(plan, 'setTraffic')).toEqual([]);
    expect(plan.status.message).toContain(
      'traffic returns to the stable version as its pods become available (0 of 5 now)',
    );
  });

  test('removes the order to promote, so that it cannot come into force later', () => {
    const world = pausedAtTen();
    const plan = planRollout(withStatus(world.observe(), { abort: true, promoteFull: true }), world.now);
    expect(plan.status).toMatchObject({ abort: true });
    expect(plan.status.promoteFull).toBeUndefined();
  });

  test('of nothing is forgotten', () => {
    const world = new TinyWorld(STORIES['healthy-canary-nginx']!.options);
    world.run(60_000);
    const plan = planRollout(withStatus(world.observe(), { abort: true, promoteFull: true }), world.now);
    expect(plan.actions).toEqual([]);
    expect(plan.status).toEqual(world.rollout.status);
  });
});

describe('traffic', () => {
  test('that routers split differently is set again, and no step goes on meanwhile', () => {
    const world = pausedAtTen();
    world.promote();
    const plan = planRollout(withRouters(world.observe(), { weight: 10 }, { weight: 0 }), world.now);
    expect(actionsOf(plan, 'setTraffic')).toMatchObject([{ intent: { canaryWeight: 10 } }]);
  });

  test('edited by hand is corrected', () => {
    const world = pausedAtTen();
    const plan = planRollout(withRouters(world.observe(), { weight: 5 }), world.now);
    expect(actionsOf(plan, 'setTraffic')).toMatchObject([{ intent: { canaryWeight: 10 } }]);
  });

  test('is not raised while the Service does not reach the canary pods', () => {
    const world = pausedAtTen();
    const observed = withRouters(world.observe(), { weight: 0 });
    const endpoints = new Map([...observed.endpoints, ['web-canary', { readyByHash: new Map(), readyForeign: 0 }]]);
    const plan = planRollout({ ...observed, endpoints }, world.now);
    expect(actionsOf(plan, 'setTraffic')).toEqual([]);
    expect(plan.status.message).toContain('Service web-canary reaches 1 of them (0 now)');
  });

  test('is not raised while the Service still reaches pods of another version', () => {
    const world = pausedAtTen();
    const { currentPodHash } = world.rollout.status!;
    const observed = withRouters(world.observe(), { weight: 0 });
    const mixed = {
      readyByHash: new Map([
        [currentPodHash!, 1],
        ['older', 1],
      ]),
      readyForeign: 0,
    };
    const plan = planRollout(
      { ...observed, endpoints: new Map([...observed.endpoints, ['web-canary', mixed]]) },
      world.now,
    );
    expect(actionsOf(plan, 'setTraffic')).toEqual([]);
  });

  test('that the data plane does not confirm holds the step and is looked at again', () => {
    const world = pausedAtTen();
    const status = { currentStepIndex: 0, pauseConditions: null, controllerPause: null };
    const observed = withRouters(withStatus(world.observe(), status), { verified: false });
    const plan = planRollout(observed, world.now);
    expect(plan.status.currentStepIndex).toBe(0);
    expect(plan.status.message).toContain('canary weight 10 is not confirmed by Nginx');
    expect(plan.requeueAt).toBe(world.now + 10_000);
  });

  test('that the data plane confirms needs no waiting', () => {
    const world = pausedAtTen();
    const { weights } = world.rollout.status!.canary!;
    const { inEffectSince: _since, ...unsettled } = weights!;
    const status = {
      currentStepIndex: 0,
      pauseConditions: null,
      controllerPause: null,
      canary: { weights: unsettled },
    };
    const observed = withRouters(withStatus(world.observe(), status), { verified: true, propagationMs: 60_000 });
    expect(planRollout(observed, world.now).status.currentStepIndex).toBe(1);
  });
});

test('a deadline of the past that cannot be read is set anew, not taken for due', () => {
  const world = new TinyWorld(STORIES['rollback-to-stable']!.options);
  world.run(60_000);
  world.image('v2');
  world.run(300_000);
  world.image('v1');
  world.run(10_000);
  const observed = world.observe();
  const replicaSets = observed.replicaSets.map((replicaSet) => {
    const { annotations } = replicaSet.metadata;
    if (annotations?.['scale-down-deadline'] === undefined) return replicaSet;
    const garbled = { ...annotations, 'scale-down-deadline': 'soon' };
    return { ...replicaSet, metadata: { ...replicaSet.metadata, annotations: garbled } };
  });
  const plan = planRollout({ ...observed, replicaSets }, world.now);
  expect(actionsOf(plan, 'scaleReplicaSet')).toEqual([]);
  expect(actionsOf(plan, 'patchReplicaSet')).toHaveLength(1);
});

describe('a spec that cannot be carried out', () => {
  const invalid = (change: object): Plan => {
    const world = pausedAtTen();
    const canary = { ...world.rollout.spec.strategy!.canary!, ...change };
    const rollout = { ...world.rollout, spec: { ...world.rollout.spec, strategy: { canary } } };
    return planRollout({ ...world.observe(), rollout }, world.now);
  };

  test('names the field and does nothing', () => {
    const plan = invalid({ steps: [{ setWeight: 101 }] });
    expect(plan.actions).toEqual([]);
    expect(plan.status.phase).toBe('Degraded');
    expect(plan.status.message).toContain('spec.strategy.canary.steps[0].setWeight');
  });

  test('keeps everything else that the status says', () => {
    const {
      conditions: _conditions,
      phase: _phase,
      message: _message,
      ...kept
    } = invalid({ dynamicStableScale: true }).status;
    const { conditions, phase, message, ...before } = pausedAtTen().rollout.status!;
    expect(kept).toEqual(before);
    expect([conditions, phase, message]).not.toContain(undefined);
  });
});

describe('Services and Ingresses that do not fit', () => {
  const planWith = (change: (observed: ObservedRollout) => ObservedRollout): Plan => {
    const world = new TinyWorld(STORIES['healthy-canary-nginx']!.options);
    return planRollout(change(world.observe()), world.now);
  };

  test('a Service with a label that the pods lack', () => {
    const service = { metadata: { name: 'web-canary' }, spec: { selector: { app: 'other' } } };
    const plan = planWith((observed) => ({
      ...observed,
      services: new Map([...observed.services, ['web-canary', service]]),
    }));
    expect(plan.status.message).toContain('Service "web-canary" has unmatch label "app" in rollout');
    expect(plan.actions).toEqual([]);
  });

  test('a Service of another Rollout', () => {
    const annotations = { 'argo-rollouts.argoproj.io/managed-by-rollouts': 'shop' };
    const service = { metadata: { name: 'web-stable', annotations }, spec: { selector: { app: 'web' } } };
    const plan = planWith((observed) => ({
      ...observed,
      services: new Map([...observed.services, ['web-stable', service]]),
    }));
    expect(plan.status.message).toContain('Service "web-stable" is managed by another Rollout');
  });

  test('an Ingress that does not route to the stable Service', () => {
    const ingress = { metadata: { name: 'web' }, spec: { rules: [] } };
    const plan = planWith((observed) => ({ ...observed, ingresses: new Map([['web', ingress]]) }));
    expect(plan.status.message).toContain('ingress `web` has no rules using service web-stable backend');
  });

  test('a missing Service is waited for before it is a mistake', () => {
    const plan = planWith((observed) => ({ ...observed, services: new Map() }));
    expect(plan.status.phase).toBe('Progressing');
    expect(plan.status.message).toContain('service "web-canary" not found');
    expect(plan.requeueAt).toBeDefined();
  });
});
