import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Rollout } from '../../../src/api/rollout.ts';
import { manifestsIn, TestCluster } from '../../support/test-cluster.ts';

const MINUTE = 60_000;

function withImage(rollout: Rollout, image: string): Rollout {
  const copy = structuredClone(rollout) as unknown as {
    spec: { template: { spec: { containers: { image: string }[] } } };
  };
  for (const container of copy.spec.template.spec.containers) container.image = image;
  return copy as unknown as Rollout;
}

it('runs the release of examples/gitops-2026, 20 minutes of pauses, in virtual time', async () => {
  const cluster = new TestCluster({ prometheus: () => ['0.99'] });
  const manifests = readdirSync('examples/gitops-2026')
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => manifestsIn(`examples/gitops-2026/${file}`));
  const rollout = manifests.find(({ kind }) => kind === 'Rollout') as Rollout;
  cluster.startController();
  await cluster.apply(...manifests.filter(({ kind }) => kind !== 'Kustomization'));
  await cluster.until('api-service', ({ status }) => status?.phase === 'Healthy', 2 * MINUTE);

  await cluster.apply(withImage(rollout, 'example.com/api-service:v2'));
  const started = cluster.clock.now();
  await cluster.until('api-service', ({ status }) => status?.phase === 'Paused', 2 * MINUTE);
  const done = await cluster.until('api-service', ({ status }) => status?.phase === 'Healthy', 30 * MINUTE);
  expect(done.status?.stableRS).toBe(done.status?.currentPodHash);
  expect(cluster.clock.now() - started).toBeGreaterThanOrEqual(20 * MINUTE);
  await cluster.stopController();
});
