import type { Rollout } from '../../src/api/rollout.ts';
import { ROLLOUTS } from '../../src/kube/resources.ts';
import type { StorageEvent } from '../../src/simulator/storage.ts';
import { BenchCluster, tally } from './bench-cluster.ts';
import { ControllerProcess } from './controller-process.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { application, NAMESPACE, NEW_VERSION } from './manifests.ts';

const NAME = 'release';
const REPLICAS = 10;
const PAUSE_SECONDS = 3;
const WEIGHTS = [10, 30, 50, 100];
/** Argo Rollouts' writes for the same release on real components, on another day and machine. */
const PEER_WRITES = 57;
/** A second more than was asked for: statuses carry whole seconds, and so does what is computed from them. */
const PAUSE_TARGET_MS = PAUSE_SECONDS * 1_000 + 1_000;
const TIMEOUT_MS = 180_000;
/** The old ReplicaSet goes 30 s after the release; the release has settled when it is gone. */
const QUIET_MS = 5_000;

/** What a whole release asks of the API server, and how exactly its pauses are kept. */
export async function measureRelease({ progress }: BenchOptions): Promise<readonly Figure[]> {
  progress('one release, API writes');
  const cluster = await BenchCluster.start();
  const pause = { pause: { duration: `${PAUSE_SECONDS}s` } };
  const steps = WEIGHTS.flatMap((setWeight) => (setWeight === 100 ? [{ setWeight }] : [{ setWeight }, pause]));
  await cluster.create(...application({ name: NAME, replicas: REPLICAS, steps }));
  // The default of 5 s would be added to every step and tells nothing.
  const controller = new ControllerProcess({ kubeconfig: cluster.kubeconfig, flags: ['--nginx-propagation=0s'] });
  try {
    await controller.logged('controllers start');
    await cluster.settled('Healthy', TIMEOUT_MS);
    return await release(cluster, controller);
  } finally {
    await controller.stop();
    await cluster.close();
  }
}

async function release(cluster: BenchCluster, controller: ControllerProcess): Promise<readonly Figure[]> {
  const from = cluster.server.seen.length;
  const cpuBefore = controller.cpuMs();
  const pauses = watchPauses(cluster);
  const started = performance.now();
  const oldGone = cluster.event(
    ({ collection, object }) =>
      collection === 'apps/replicasets' &&
      (object.spec as { replicas?: number }).replicas === 0 &&
      (object.status as { replicas?: number }).replicas === 0 &&
      isDone(cluster.rollouts()[0]),
    TIMEOUT_MS,
  );
  const done = cluster.event(({ object }) => isDone(object as unknown as Rollout), TIMEOUT_MS);
  await cluster.client.patch(ROLLOUTS, { namespace: NAMESPACE, name: NAME }, { type: 'merge', patch: NEW_VERSION });
  await done;
  const seconds = (performance.now() - started) / 1_000;
  await oldGone;
  await cluster.settled('Healthy', TIMEOUT_MS, QUIET_MS);
  const cpu = controller.cpuMs() - cpuBefore;
  const requests = cluster.server.seen.slice(from);
  const writes = requests.filter(({ kind }) => kind === 'write');
  const reads = requests.filter(({ kind }) => kind === 'read');
  return [
    {
      what: `API writes of a release (${REPLICAS} replicas, ${WEIGHTS.length} weights, 3 pauses), edit to settled`,
      measured: writes.length,
      peer: PEER_WRITES,
      unit: 'writes',
      note: tally(writes),
    },
    { what: 'API reads of that release', measured: reads.length, unit: 'requests', note: tally(reads) },
    { what: 'time of that release, edit to healthy', measured: seconds, unit: 's', note: 'the pauses are 9 s of it' },
    { what: 'CPU time of that release', measured: cpu, unit: 'ms' },
    {
      what: `a pause of ${PAUSE_SECONDS} s took at most`,
      measured: Math.max(...pauses()),
      unit: 'ms',
      target: PAUSE_TARGET_MS,
      note: pauses()
        .map((pause) => `${Math.round(pause)} ms`)
        .join(', '),
    },
  ];
}

/** The controller has seen the edit, every step is taken and the new version is stable. */
function isDone(object: Rollout | undefined): boolean {
  const { status } = object ?? {};
  return (
    object?.kind === 'Rollout' &&
    status?.observedGeneration === String(object.metadata.generation) &&
    status.phase === 'Healthy' &&
    status.stableRS === status.currentPodHash &&
    status.currentStepIndex === WEIGHTS.length * 2 - 1
  );
}

/** Milliseconds between the stored beginning of each pause and the scaling that the next weight begins with. */
function watchPauses(cluster: BenchCluster): () => readonly number[] {
  const lengths: number[] = [];
  let pausedAt: number | undefined;
  cluster.server.context.storage.subscribe(({ collection, object, previous }: StorageEvent) => {
    if (collection === 'argoproj.io/rollouts') {
      const { phase } = (object.status ?? {}) as { phase?: string };
      if (phase === 'Paused') pausedAt ??= performance.now();
    } else if (collection === 'apps/replicasets' && pausedAt !== undefined && sizeOf(object) !== sizeOf(previous)) {
      lengths.push(performance.now() - pausedAt);
      pausedAt = undefined;
    }
  });
  return () => lengths;
}

function sizeOf(replicaSet: StorageEvent['previous']): number | undefined {
  return (replicaSet?.spec as { replicas?: number } | undefined)?.replicas;
}
