import { BenchCluster } from './bench-cluster.ts';
import { ControllerProcess } from './controller-process.ts';
import { application } from './manifests.ts';

/** One idle Rollout of a fleet takes about 70 ms of a busy core to bring up, most of it the simulator's. */
const SETTLE_MS_PER_ROLLOUT = 1_000;
const REPLICAS = 2;

/** Applications that nobody has deployed yet. */
export async function createFleet(cluster: BenchCluster, size: number): Promise<void> {
  const steps = [{ setWeight: 20 }, { pause: {} }];
  for (let index = 0; index < size; index += 1) {
    await cluster.create(...application({ name: `app-${index}`, replicas: REPLICAS, steps }));
  }
  await cluster.quiet();
}

/** A cluster with `size` Rollouts, all healthy; the controller that brought them up has ended. */
export async function settledFleet(size: number): Promise<BenchCluster> {
  const cluster = await BenchCluster.start();
  await createFleet(cluster, size);
  const controller = new ControllerProcess({ kubeconfig: cluster.kubeconfig, unlimited: true });
  try {
    await controller.logged('controllers start');
    await cluster.settled('Healthy', 30_000 + size * SETTLE_MS_PER_ROLLOUT);
  } finally {
    await controller.stop();
  }
  cluster.server.seen.length = 0;
  return cluster;
}
