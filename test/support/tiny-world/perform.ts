import type { AnalysisRun } from '../../../src/api/analysis.ts';
import type { ReplicaSet } from '../../../src/api/core-types.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../../../src/api/keys.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import type { Action, Target } from '../../../src/core/rollout/action.ts';
import type { JsonObject } from '../../../src/core/values/json.ts';
import { applyMergePatch } from '../../../src/core/values/merge-patch.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import { measure } from './measuring.ts';
import type { TinyCluster } from './tiny-cluster.ts';

/** Does what the API server and the router do with one write. */
export function perform(cluster: TinyCluster, action: Action): void {
  switch (action.kind) {
    case 'createReplicaSet':
      return createReplicaSet(cluster, action.replicaSet);
    case 'scaleReplicaSet':
      return patchReplicaSet(cluster, action.target.name, {
        metadata: { annotations: { ...action.annotations } },
        spec: { replicas: action.to },
      });
    case 'patchReplicaSet':
      return patchReplicaSet(cluster, action.target.name, action.patch as JsonObject);
    case 'deleteReplicaSet':
      cluster.replicaSets.delete(action.target.name);
      return undefined;
    case 'setServiceSelector':
      return switchService(cluster, action.service, action.to);
    case 'setTraffic':
      return setTraffic(cluster, action.intent.canaryWeight);
    case 'silenceRoute':
      return undefined;
    case 'createAnalysisRun':
      return createAnalysisRun(cluster, action.run);
    case 'terminateAnalysisRun':
      return terminateAnalysisRun(cluster, action.target);
    case 'deleteAnalysisRun':
      cluster.analysisRuns.delete(action.target.name);
      return undefined;
    case 'evictPod':
      cluster.pods = cluster.pods.filter((pod) => pod.uid !== action.target.uid);
      return undefined;
    case 'patchRollout':
      return patchRollout(cluster, action.patch as JsonObject);
  }
}

function createReplicaSet(cluster: TinyCluster, replicaSet: ReplicaSet): void {
  const name = replicaSet.metadata.name!;
  if (cluster.replicaSets.has(name)) return;
  const metadata = {
    ...replicaSet.metadata,
    uid: `${name}-uid`,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: formatTimestamp(cluster.now + cluster.nextSerial()),
  };
  cluster.replicaSets.set(name, { ...replicaSet, metadata, status: { replicas: 0, observedGeneration: 1 } });
  const hash = replicaSet.metadata.labels![POD_TEMPLATE_HASH_LABEL]!;
  cluster.versions.set(hash, replicaSet.spec!.template!.spec!.containers[0]!.image!);
}

function patchReplicaSet({ replicaSets }: TinyCluster, name: string, patch: JsonObject): void {
  const current = replicaSets.get(name)!;
  const patched = applyMergePatch(current as unknown as JsonObject, patch) as unknown as ReplicaSet;
  const resourceVersion = String(Number(current.metadata.resourceVersion) + 1);
  const generation = (current.metadata.generation ?? 0) + 1;
  replicaSets.set(name, { ...patched, metadata: { ...patched.metadata, resourceVersion, generation } });
}

function switchService({ services, rollout }: TinyCluster, name: string, hash: string): void {
  const service = services.get(name)!;
  const selector = { ...service.spec?.selector, [POD_TEMPLATE_HASH_LABEL]: hash };
  const annotations = { [MANAGED_BY_ANNOTATION]: rollout.metadata.name! };
  const resourceVersion = String(Number(service.metadata.resourceVersion) + 1);
  services.set(name, { metadata: { ...service.metadata, annotations, resourceVersion }, spec: { selector } });
}

function setTraffic(cluster: TinyCluster, weight: number): void {
  if (cluster.routerProblem !== undefined) return;
  cluster.routeWeight = weight;
  cluster.after(cluster.routerLagMs, () => {
    cluster.dataPlane.weight = weight;
  });
}

function createAnalysisRun(cluster: TinyCluster, run: AnalysisRun): void {
  const name = run.metadata.name!;
  if (cluster.analysisRuns.has(name)) return;
  const metadata = { ...run.metadata, uid: `${name}-uid`, creationTimestamp: formatTimestamp(cluster.now) };
  cluster.analysisRuns.set(name, { ...run, metadata });
  measure(cluster, name);
}

function terminateAnalysisRun({ analysisRuns }: TinyCluster, { name }: Target): void {
  const run = analysisRuns.get(name)!;
  const status = { ...run.status, phase: 'Successful' as const };
  analysisRuns.set(name, { ...run, spec: { ...run.spec, terminate: true }, status });
}

function patchRollout(cluster: TinyCluster, patch: JsonObject): void {
  const { status, ...rest } = cluster.rollout;
  const patched = applyMergePatch(rest as unknown as JsonObject, patch) as unknown as Rollout;
  cluster.rollout = { ...patched, ...(status === undefined ? {} : { status }) };
}
