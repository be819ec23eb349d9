import { afterEach, expect, it } from 'vitest';
import { createKubeClient } from '../../../src/kube/kube-client.ts';
import { ROLLOUTS } from '../../../src/kube/resources.ts';
import { InProcessTransport } from '../../../src/simulator/in-process-transport.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import { isHealthy, isPausedAt, MINUTE, network, SECOND, web } from './fixtures.ts';

/** Argo Rollouts' controller works on the same Rollouts, and no Lease keeps it and Linnet apart. */

let cluster: TestCluster;
afterEach(() => cluster.stopController());

/** Argo Rollouts' controller, as far as Linnet can notice it: it writes the status under its own name. */
async function rivalWrites(name: string, message: string): Promise<void> {
  const { server, clock } = cluster;
  const client = createKubeClient(new InProcessTransport(server, { clock, userAgent: 'rollouts-controller/v1.9.0' }));
  const body = { type: 'merge', patch: { status: { message } } } as const;
  await client.patch(ROLLOUTS, { namespace: 'default', name }, body, { subresource: 'status' });
}

it('leaves the Rollout alone while the other one writes it, says so, and goes on afterwards', async () => {
  cluster = new TestCluster();
  const process = cluster.startController();
  await cluster.apply(...network(), ...network('other'), web(), web({ name: 'other' }));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.until('other', isHealthy, MINUTE);
  await rivalWrites('web', 'one');
  await cluster.clock.advanceBy(SECOND);
  const before = process.writes.length;
  await cluster.apply(web({ image: 'v2' }));
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(process.writes.slice(before)).toEqual([]);
  const [told] = cluster.events.filter(({ reason }) => reason === 'RivalController');
  expect(told).toMatchObject({ object: 'web', type: 'Warning' });
  expect(told?.message).toContain('scale one of the two to zero replicas');

  await cluster.apply(web({ name: 'other', image: 'v2' }));
  await cluster.until('other', isPausedAt(1), 2 * MINUTE);
  await cluster.until('web', isPausedAt(1), 5 * MINUTE);
});

it('what the other one wrote before this process led is no reason to wait', async () => {
  cluster = new TestCluster();
  await cluster.apply(...network(), web());
  await rivalWrites('web', 'one');
  cluster.startController();
  await cluster.until('web', isHealthy, MINUTE);
  expect(cluster.reasons('web')).not.toContain('RivalController');
});
