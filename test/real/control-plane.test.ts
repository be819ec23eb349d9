import { describe, expect, it } from 'vitest';
import type { Rollout } from '../../src/api/rollout.ts';
import { ROLLOUTS } from '../../src/kube/resources.ts';
import { lacking } from './support/machine.ts';
import { useRealCluster } from './support/real-cluster.ts';

const missing = lacking('etcd', 'kubernetes');

describe.skipIf(missing !== undefined)('the controller on a real API server', () => {
  const cluster = useRealCluster(missing !== undefined);

  it('brings a first version to Healthy', async () => {
    const { kubectl, controller, until } = cluster();
    const child = controller();
    await kubectl(['apply', '-f', 'examples/demo']);
    const key = { namespace: 'default', name: 'shop' };
    const rollout = await until<Rollout>(ROLLOUTS, key, (object) => object?.status?.phase === 'Healthy');
    expect(rollout?.status?.availableReplicas).toBe(rollout?.spec.replicas);
    expect(await kubectl(['get', 'rollout', 'shop'])).toMatch(
      /NAME\s+DESIRED\s+CURRENT\s+UP-TO-DATE\s+AVAILABLE\s+AGE/,
    );
    expect((await child.stop()).code).toBe(0);
  });
});
