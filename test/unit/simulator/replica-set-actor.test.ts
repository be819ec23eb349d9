import { expect, it } from 'vitest';
import type { Pod, ReplicaSet } from '../../../src/api/core-types.ts';
import { REPLICA_SETS } from '../../../src/kube/resources.ts';
import { TestCluster } from '../../support/test-cluster.ts';

const SECOND = 1_000;
const KEY = { namespace: 'default', name: 'web' };
const LABELS = { app: 'web' };

it('a smaller ReplicaSet gives up what is not ready, then what has been ready for the shortest time', async () => {
  const delays = [1, 20, 5, 8].map((seconds) => seconds * SECOND);
  const delayOf = new Map<string, number>();
  const behaviour = ({ metadata: { name = '' } }: Pod) => {
    if (!delayOf.has(name)) delayOf.set(name, delays[delayOf.size] ?? 0);
    return { readyAfterMs: delayOf.get(name), stopsAfterMs: 0 };
  };
  const cluster = new TestCluster({ kubelet: { behaviour } });
  const replicaSet = {
    metadata: { ...KEY, labels: LABELS },
    spec: {
      replicas: 4,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'app', image: 'example.com/app:v1' }] } },
    },
  };
  await cluster.client.create<ReplicaSet>(REPLICA_SETS, replicaSet);
  await cluster.clock.advanceBy(10 * SECOND);
  const left: (readonly (number | undefined)[])[] = [];
  for (const replicas of [3, 2, 1]) {
    await cluster.client.patch(REPLICA_SETS, KEY, { type: 'merge', patch: { spec: { replicas } } });
    await cluster.clock.advanceBy(SECOND);
    left.push(cluster.stored<Pod>('/pods').map(({ metadata }) => delayOf.get(metadata.name ?? '')));
  }
  const sorted = left.map((times) => times.toSorted((one, other) => (one ?? 0) - (other ?? 0)));
  expect(sorted).toEqual([[1 * SECOND, 5 * SECOND, 8 * SECOND], [1 * SECOND, 5 * SECOND], [1 * SECOND]]);
});
