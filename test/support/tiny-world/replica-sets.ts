import type { ReplicaSet } from '../../../src/api/core-types.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../../src/api/keys.ts';
import { deepEqual } from '../../../src/core/values/deep-equal.ts';
import type { TinyCluster, TinyPod } from './tiny-cluster.ts';

/** The ReplicaSet controller: as many pods as are asked for, which get ready after a while. Whether it did anything. */
export function runReplicaSets(cluster: TinyCluster): boolean {
  let acted = false;
  for (const [name, replicaSet] of cluster.replicaSets) {
    const own = cluster.pods.filter((pod) => pod.owner === name);
    const wanted = replicaSet.spec?.replicas ?? 0;
    for (let index = own.length; index < wanted; index += 1) createPod(cluster, replicaSet);
    if (own.length > wanted) deletePods(cluster, own, own.length - wanted);
    acted = reportStatus(cluster, name) || acted || own.length !== wanted;
  }
  return acted;
}

function createPod(cluster: TinyCluster, replicaSet: ReplicaSet): void {
  const serial = cluster.nextSerial();
  const owner = replicaSet.metadata.name!;
  const hash = replicaSet.metadata.labels![POD_TEMPLATE_HASH_LABEL]!;
  const pod: TinyPod = {
    name: `${owner}-${serial}`,
    uid: `${hash}/${serial}`,
    hash,
    labels: replicaSet.spec?.template?.metadata?.labels ?? {},
    owner,
    createdAt: cluster.now,
    ready: false,
  };
  cluster.pods.push(pod);
  if (cluster.versions.get(hash) === cluster.brokenImage) return;
  cluster.after(cluster.readyAfterMs, () => {
    pod.ready = true;
  });
}

/** Pods that are not ready go first, then the youngest, as in Kubernetes. */
function deletePods(cluster: TinyCluster, own: readonly TinyPod[], count: number): void {
  const victims = own.toReversed().toSorted((left, right) => Number(left.ready) - Number(right.ready));
  const doomed = new Set(victims.slice(0, count));
  cluster.pods = cluster.pods.filter((pod) => !doomed.has(pod));
}

function reportStatus(cluster: TinyCluster, name: string): boolean {
  const replicaSet = cluster.replicaSets.get(name)!;
  const own = cluster.pods.filter((pod) => pod.owner === name);
  const ready = own.filter((pod) => pod.ready).length;
  const status = {
    replicas: own.length,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: replicaSet.metadata.generation ?? 0,
  };
  if (deepEqual(replicaSet.status, status)) return false;
  const resourceVersion = String(Number(replicaSet.metadata.resourceVersion) + 1);
  cluster.replicaSets.set(name, { ...replicaSet, status, metadata: { ...replicaSet.metadata, resourceVersion } });
  return true;
}
