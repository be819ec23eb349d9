import { describe, expect, it } from 'vitest';
import { crdProblem } from '../../../src/controllers/crd-check.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import { MemoryKube } from '../../support/memory-kube.ts';
import { manifestsIn } from '../../support/test-cluster.ts';

const withSchema = (openAPIV3Schema: object) =>
  new MemoryKube([
    {
      kind: 'CustomResourceDefinition',
      metadata: { name: 'rollouts.argoproj.io' },
      spec: { versions: [{ name: 'v1alpha1', schema: { openAPIV3Schema } }] },
    } as never,
  ]);

describe('crdProblem', () => {
  it('accepts our own CRD', async () => {
    expect(await crdProblem(new MemoryKube(manifestsIn('crds/rollout-crd.yaml')))).toBeUndefined();
  });

  it('refuses a CRD that would prune what Linnet remembers, with the remedy', async () => {
    const problem = await crdProblem(withSchema({ properties: { status: { properties: { canary: {} } } } }));
    expect(problem).toContain('does not know status.canary.reach, status.canary.weights.inEffectSince');
    expect(problem).toContain('kubectl apply -f crds/');
  });

  it('accepts a CRD that keeps unknown fields', async () => {
    expect(await crdProblem(withSchema({ 'x-kubernetes-preserve-unknown-fields': true }))).toBeUndefined();
  });

  it('says how to install a missing one', async () => {
    expect(await crdProblem(new MemoryKube())).toContain('is not installed; install it with `kubectl apply -f crds/`');
  });

  it('goes on where it may not look', async () => {
    const forbidden = new MemoryKube();
    forbidden.get = () =>
      Promise.reject(
        new ApiError({
          status: 403,
          reason: 'Forbidden',
          serverMessage: 'no',
          details: {},
          request: { method: 'GET', path: '/' },
        }),
      );
    expect(await crdProblem(forbidden)).toBeUndefined();
  });
});
