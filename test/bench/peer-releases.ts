import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Rollout } from '../../src/api/rollout.ts';
import { ROLLOUTS } from '../../src/kube/resources.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import type { Programs } from '../../src/sandbox/components/component-cache.ts';
import type { Child } from '../../src/sandbox/process-group.ts';
import { type AuditEvent, resourceOf } from '../support/audit-log.ts';
import type { BenchOptions } from './figure.ts';
import { application, canaryIngressOf, NAMESPACE, NEW_VERSION, type RolloutChoice } from './manifests.ts';
import { inParallel, PeerCluster } from './peer-cluster.ts';
import { cpuMsOf, memoryOf } from './process-usage.ts';

/** A controller that is compared with others. */
export interface Peer {
  readonly title: string;
  /** How its user agent begins. */
  readonly agent: string;
  readonly command: (kubeconfig: string) => readonly string[];
}

/** What it needed for a number of releases that began at the same time, from the edit until it wrote nothing more. */
export interface Cost {
  /** Writes by resource, `rollouts/status`. */
  readonly writes: ReadonlyMap<string, number>;
  readonly cpuMs: number;
  /** Resident, afterwards. */
  readonly memoryMb: number;
  /** From the first edit until the last Rollout was Healthy. */
  readonly seconds: number;
  /** How long each pause was, from its being stored to its end's being stored. */
  readonly pausesMs: readonly number[];
}

/** Everything that was asked of one controller. */
export interface Outcome {
  readonly release: Cost;
  readonly fleet: Cost;
  /** From the arrival of the status patch until the weight was written, by the API server's clock. */
  readonly idleAbortsMs: readonly number[];
  readonly busyAbortsMs: readonly number[];
}

export const REPLICAS = 10;
export const PAUSE_SECONDS = 3;
const PAUSE = { pause: { duration: `${PAUSE_SECONDS}s` } };
const STEPS = [{ setWeight: 10 }, PAUSE, { setWeight: 30 }, PAUSE, { setWeight: 50 }, PAUSE, { setWeight: 100 }];
/** Rollouts of this name wait for somebody who aborts them. */
const ABORTED = 'abort-';
const ENDLESS = [{ setWeight: 50 }, { pause: {} }];
const IDLE_ABORTS = 10;
const BUSY_ABORTS = 40;
const BETWEEN_ABORTS_MS = 300;
/** After this time without a write the controller has nothing more to do. */
const QUIET_MS = 5_000;
const IMAGE = NEW_VERSION.spec.template.spec.containers[0]?.image;

/** The same releases for every controller, on a control plane of its own that nobody has used before. */
export async function performReleases(
  peer: Peer,
  programs: Programs,
  { rollouts, progress }: Pick<BenchOptions, 'rollouts' | 'progress'>,
): Promise<Outcome> {
  progress(`${peer.title}: a control plane`);
  const cluster = await PeerCluster.start(programs);
  const output = openSync(join(cluster.folder, 'controller.log'), 'w');
  try {
    const controller = cluster.processes.start(peer.command(cluster.kubeconfig), { output });
    const stage: Stage = { cluster, peer, controller };
    progress(`${peer.title}: one release`);
    const release = await measure(stage, [{ name: 'one', replicas: REPLICAS, steps: STEPS }]);
    progress(`${peer.title}: ${rollouts} releases at once`);
    const aborted = Array.from({ length: IDLE_ABORTS + BUSY_ABORTS }, (_, index) => `${ABORTED}${index}`);
    await bringToPause(cluster, aborted);
    const [idle, busy] = [aborted.slice(0, IDLE_ABORTS), aborted.slice(IDLE_ABORTS)];
    await abortAll(cluster, idle);
    const choices = Array.from({ length: rollouts }, (_, index) => ({
      name: `app-${index}`,
      replicas: 1,
      steps: STEPS,
    }));
    const fleet = await measure(stage, choices, () => abortAll(cluster, busy));
    await controller.stop();
    const latencies = (names: readonly string[]) => names.map((name) => abortLatency(cluster, peer, name));
    return { release, fleet, idleAbortsMs: latencies(idle), busyAbortsMs: latencies(busy) };
  } finally {
    closeSync(output);
    await cluster.close();
  }
}

interface Stage {
  readonly cluster: PeerCluster;
  readonly peer: Peer;
  readonly controller: Child;
}

/** `meanwhile` begins when all are edited. */
async function measure(
  stage: Stage,
  choices: readonly RolloutChoice[],
  meanwhile: () => Promise<void> = async () => {},
): Promise<Cost> {
  const { cluster, peer, controller } = stage;
  const names = choices.map(({ name }) => name);
  const areAll = (condition: (rollout: Rollout) => boolean) => (): boolean => every(cluster, names, condition);
  await cluster.create(choices.flatMap(application));
  await cluster.until(areAll(isHealthy), 'the first versions');
  await untilQuiet(stage);
  const before = { writes: cluster.writes.events().length, cpuMs: cpuMsOf(controller.pid), at: performance.now() };
  const pauses = watchPauses(cluster, new Set(names));
  await inParallel(names, (name) => update(cluster, name));
  const others = meanwhile();
  await cluster.until(
    areAll((rollout) => isUpdated(rollout) && isHealthy(rollout)),
    'the releases',
  );
  const seconds = (performance.now() - before.at) / 1_000;
  await others;
  await untilQuiet(stage);
  const writes = cluster.writes
    .events()
    .slice(before.writes)
    .filter((event) => isBy(peer, event) && !isOfAbort(event));
  return {
    writes: countBy(writes, resourceOf),
    cpuMs: cpuMsOf(controller.pid) - before.cpuMs,
    memoryMb: memoryOf(controller.pid).now,
    seconds,
    pausesMs: pauses(),
  };
}

function every(cluster: PeerCluster, names: readonly string[], condition: (rollout: Rollout) => boolean): boolean {
  return names.every((name) => {
    const rollout = cluster.rollouts.store.get(`${NAMESPACE}/${name}`);
    return rollout !== undefined && condition(rollout);
  });
}

/** At rest, and not only because the controller has not seen the new version yet. */
function isHealthy({ status, metadata }: Rollout): boolean {
  return (
    status?.phase === 'Healthy' &&
    status.stableRS === status.currentPodHash &&
    status.observedGeneration === String(metadata.generation)
  );
}

function isUpdated({ spec }: Rollout): boolean {
  return spec.template?.spec?.containers[0]?.image === IMAGE;
}

function update({ client }: PeerCluster, name: string): Promise<unknown> {
  return client.patch(ROLLOUTS, { namespace: NAMESPACE, name }, { type: 'merge', patch: NEW_VERSION });
}

/** The old pods are gone, and nobody writes. */
async function untilQuiet({ cluster, peer }: Stage): Promise<void> {
  const areGone = (): boolean =>
    cluster.replicaSets.store.list().every(({ metadata, spec }) => {
      const owner = cluster.rollouts.store.get(`${NAMESPACE}/${metadata.ownerReferences?.[0]?.name}`);
      const isCurrent = metadata.labels?.['rollouts-pod-template-hash'] === owner?.status?.stableRS;
      return isCurrent || spec?.replicas === 0 || owner?.status?.phase === 'Paused';
    });
  await cluster.until(areGone, 'the old pods to go');
  const count = (): number => cluster.writes.events().filter((event) => isBy(peer, event)).length;
  for (let before = -1; before !== count(); await systemClock.sleep(QUIET_MS)) before = count();
}

async function bringToPause(cluster: PeerCluster, names: readonly string[]): Promise<void> {
  await cluster.create(names.flatMap((name) => application({ name, replicas: 1, steps: ENDLESS })));
  await cluster.until(() => every(cluster, names, isHealthy), 'the first versions of those to be aborted');
  await inParallel(names, (name) => update(cluster, name));
  await cluster.until(() => every(cluster, names, ({ status }) => status?.phase === 'Paused'), 'their pauses');
}

/** One after the other, without waiting for any. */
async function abortAll({ client }: PeerCluster, names: readonly string[]): Promise<void> {
  const body = { type: 'merge', patch: { status: { abort: true } } } as const;
  for (const name of names) {
    await client.patch(ROLLOUTS, { namespace: NAMESPACE, name }, body, { subresource: 'status' });
    await systemClock.sleep(BETWEEN_ABORTS_MS);
  }
}

/** Nothing but the abort has a reason to write the weight of a Rollout that waits. */
function abortLatency({ writes }: PeerCluster, peer: Peer, name: string): number {
  const events = writes.events();
  const command = events.find(
    (event) => !isBy(peer, event) && resourceOf(event) === 'rollouts/status' && event.objectRef?.name === name,
  );
  const commandedAt = Date.parse(command?.requestReceivedTimestamp ?? '');
  // A quick controller may have written before the answer to the command was complete.
  const weight = events.find(
    (event) =>
      isBy(peer, event) &&
      event.objectRef?.name === canaryIngressOf(name) &&
      Date.parse(event.requestReceivedTimestamp) > commandedAt,
  );
  if (weight === undefined) throw new Error(`${peer.title} never wrote the weight of ${name} after its abort`);
  return Date.parse(weight.stageTimestamp) - commandedAt;
}

function watchPauses({ rollouts }: PeerCluster, names: ReadonlySet<string>): () => readonly number[] {
  const since = new Map<string, number>();
  const lengths: number[] = [];
  const unsubscribe = rollouts.onChange({
    updated: ({ metadata: { name = '' }, status }) => {
      if (!names.has(name)) return;
      const isPausing = (status?.pauseConditions ?? []).length > 0;
      const began = since.get(name);
      if (isPausing && began === undefined) since.set(name, performance.now());
      else if (!isPausing && began !== undefined) {
        lengths.push(performance.now() - began);
        since.delete(name);
      }
    },
  });
  return () => {
    unsubscribe();
    return lengths;
  };
}

function isBy({ agent }: Peer, { userAgent }: AuditEvent): boolean {
  return userAgent?.startsWith(agent) === true;
}

function isOfAbort({ objectRef }: AuditEvent): boolean {
  return objectRef?.name?.startsWith(ABORTED) === true;
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, number> {
  const groups = Object.entries(Object.groupBy(items, keyOf));
  return new Map(groups.map(([key, same]) => [key, same?.length ?? 0]));
}
