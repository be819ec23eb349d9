import { describe, expect, it } from 'vitest';
import { crdProblem } from '../../../src/controllers/crd-check.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeTransport } from '../../../src/kube/transport.ts';
import { InProcessTransport } from '../../../src/simulator/in-process-transport.ts';
import { MemoryKube } from '../../support/memory-kube.ts';
import { manifestsIn, TestCluster } from '../../support/test-cluster.ts';

const withSchema = (openAPIV3Schema: object) =>
  new MemoryKube([
    {
      kind: 'CustomResourceDefinition',
      metadata: { name: 'rollouts.argoproj.io' },
      spec: { versions: [{ name: 'v1alpha1', schema: { openAPIV3Schema } }] },
    } as never,
  ]);

/** The OpenAPI document is not there to read. */
const NOWHERE: KubeTransport = {
  request: () => Promise.resolve({ status: 403, headers: {}, body: '' }),
  stream: () => Promise.reject(new Error('no streams')),
  close: () => Promise.resolve(),
};

describe('crdProblem', () => {
  it('accepts our own CRD', async () => {
    expect(await crdProblem(new MemoryKube(manifestsIn('crds/rollout-crd.yaml')), NOWHERE)).toBeUndefined();
  });

  it('refuses a CRD that would prune what Linnet remembers, with the remedy', async () => {
    const problem = await crdProblem(withSchema({ properties: { status: { properties: { canary: {} } } } }), NOWHERE);
    expect(problem).toContain(
      'does not know status.canary.reach, status.canary.weights.inEffectSince, status.conditions.observedGeneration',
    );
    expect(problem).toContain('kubectl apply -f crds/');
  });

  it('accepts a CRD that keeps unknown fields', async () => {
    expect(await crdProblem(withSchema({ 'x-kubernetes-preserve-unknown-fields': true }), NOWHERE)).toBeUndefined();
  });

  it('says how to install a missing one', async () => {
    expect(await crdProblem(new MemoryKube(), NOWHERE)).toContain(
      'is not installed; install it with `kubectl apply -f crds/`',
    );
  });

  it('goes on where it may not look', async () => {
    expect(await crdProblem(withoutPermission(), NOWHERE)).toBeUndefined();
  });

  it('looks at the OpenAPI document where it may not read the CRD', async () => {
    const { server, clock } = new TestCluster();
    const transport = new InProcessTransport(server, { clock });
    expect(await crdProblem(withoutPermission(), transport)).toBeUndefined();
    const published = (schema: object): KubeTransport => ({
      ...NOWHERE,
      request: () =>
        Promise.resolve({ status: 200, headers: {}, body: JSON.stringify({ components: { schemas: { x: schema } } }) }),
    });
    const gvk = { 'x-kubernetes-group-version-kind': [{ group: 'argoproj.io', version: 'v1alpha1', kind: 'Rollout' }] };
    const pruned = await crdProblem(withoutPermission(), published({ ...gvk, properties: {} }));
    expect(pruned).toContain('does not know status.canary.reach');
    expect(await crdProblem(withoutPermission(), published({}))).toContain('is not installed');
  });
});

function withoutPermission(): MemoryKube {
  const kube = new MemoryKube();
  const request = { method: 'GET', path: '/' } as const;
  const refusal = { status: 403, reason: 'Forbidden', serverMessage: 'no', details: {}, request };
  kube.get = () => Promise.reject(new ApiError(refusal));
  return kube;
}
