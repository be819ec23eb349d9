import type { Rollout } from '../../../src/api/rollout.ts';
import { ROLLOUTS } from '../../../src/kube/resources.ts';
import type { RealCluster } from './real-cluster.ts';

/** The Rollout of examples/demo. */
export const SHOP = { namespace: 'default', name: 'shop' };
/** Host that its Ingress serves. */
export const SHOP_HOST = 'shop.example.com';
/** For one release on a machine that has other things to do, too. */
export const RELEASE_LIMIT_MS = 180_000;

/** Resolves when the shop is as asked. @throws Error that shows it as it is */
export async function untilShop(
  { until }: RealCluster,
  condition: (rollout: Rollout) => boolean,
  limitMs = RELEASE_LIMIT_MS,
): Promise<Rollout> {
  const found = await until<Rollout>(ROLLOUTS, SHOP, (shop) => shop !== undefined && condition(shop), limitMs);
  if (found === undefined) throw new Error('the condition holds of no object');
  return found;
}

/** Promoted, healthy, and known to the controller. */
export function isStable(version: string): (rollout: Rollout) => boolean {
  return ({ spec, status, metadata }) =>
    spec.template?.spec?.containers[0]?.image?.endsWith(`:${version}`) === true &&
    status?.phase === 'Healthy' &&
    status.observedGeneration === String(metadata.generation) &&
    status.stableRS === status.currentPodHash;
}

/** Has the cluster run another version, which fails a share of its requests. */
export async function release({ kubectl }: RealCluster, version: string, errorRate = '0'): Promise<void> {
  const container = '/spec/template/spec/containers/0';
  const patch = [
    { op: 'replace', path: `${container}/image`, value: `linnet.dev/sample-app:${version}` },
    { op: 'test', path: `${container}/env/1/name`, value: 'ERROR_RATE' },
    { op: 'replace', path: `${container}/env/1/value`, value: errorRate },
  ];
  await kubectl(['patch', 'rollout', SHOP.name, '--type=json', '-p', JSON.stringify(patch)]);
}
