import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AnalysisRun } from '../../src/api/analysis.ts';
import type { KubeObject, ReplicaSet } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import { ANALYSIS_RUNS, LEASES, REPLICA_SETS, ROLLOUTS } from '../../src/kube/resources.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { answeredAfter, countByVersion, countLost } from '../../src/sandbox/demo/measurements.ts';
import { type WeightPhase, withReload } from '../../src/sandbox/demo/weight-phases.ts';
import { lastLines } from '../../src/sandbox/last-lines.ts';
import { Load } from '../../src/sandbox/load/load.ts';
import type { Child } from '../../src/sandbox/process-group.ts';
import { isWrite } from '../support/audit-log.ts';
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts';
import { application, imageOf, manifestOf } from './support/applications.ts';
import { LINNET } from './support/argo-rollouts.ts';
import { isHealthy } from './support/hand-over.ts';
import { lacking } from './support/machine.ts';
import { type RealCluster, useRealCluster } from './support/real-cluster.ts';
import { isStable, RELEASE_LIMIT_MS, release, SHOP, SHOP_HOST, untilShop } from './support/shop.ts';

const missing = lacking('etcd', 'kubernetes');
/** A request every 10 ms sees any gap that a person would. */
const PER_SECOND = 100;
const KILLS = 20;
/** Then the last life may end the release. */
const KILLS_AT_MOST = 25;
/** For a write that is tried again, and for nginx to follow. */
const ROUTE_LIMIT_MS = 30_000;
const API_OUTAGE_MS = 30_000;
const ETCD_OUTAGE_MS = 5_000;
/** Duration of the Lease, twice the time between two looks at it, and what a busy machine adds. */
const TAKEOVER_LIMIT_MS = 15_000 + 2 * 2_000 + 20_000;
/** Released at the same time as the shop, so that there are enough writes to be killed after. */
const BESIDE = ['beside-1', 'beside-2', 'beside-3'];
const BESIDE_STRATEGY = { canary: { steps: [{ setWeight: 50 }, { pause: { duration: '2s' } }] } };
/** examples/demo with fewer weights, to be short. */
const STEPS = [
  { setWeight: 20 },
  { pause: { duration: '3s' } },
  { pause: { untilVerified: true } },
  { setWeight: 60 },
  { pause: { untilVerified: true } },
];

describe.skipIf(missing !== undefined)('faults on a real control plane', () => {
  const cluster = useRealCluster();
  let load: Load;
  let weights: readonly WeightPhase[] = [];
  let versions = 1;
  const running = new Set<Child>();

  const start = (options: Parameters<RealCluster['controller']>[0] = {}): Child => {
    const child = cluster().controller(options);
    running.add(child);
    return child;
  };
  const nextVersion = (): string => {
    versions += 1;
    return `v${versions}`;
  };

  beforeAll(async () => {
    const { kubectl, processes, nginx, nginxUrl } = cluster();
    nginx.onReload((reload) => {
      weights = withReload(weights, reload);
    });
    start();
    await kubectl(['apply', '-f', 'examples/demo']);
    const patch = { spec: { strategy: { canary: { steps: STEPS } } } };
    await kubectl(['patch', 'rollout', SHOP.name, '--type=merge', '-p', JSON.stringify(patch)]);
    const beside = BESIDE.flatMap((name) => application({ name, strategy: BESIDE_STRATEGY }));
    await kubectl(['apply', '-f', '-'], manifestOf(beside));
    await untilShop(cluster(), isStable('v1'));
    await Promise.all(BESIDE.map((name) => untilRuns(cluster(), name, 1)));
    load = new Load({ processes, url: nginxUrl, host: SHOP_HOST, perSecond: PER_SECOND });
    await stopAll();
  });
  const stopAll = async (): Promise<void> => {
    await Promise.all([...running].map((child) => child.stop(0)));
    running.clear();
  };
  afterEach(async () => {
    await stopAll();
  });
  let looked = 0;
  /** No request was lost since it was asked last, so that a loss is told once. */
  const expectNoLoss = (): void => {
    const windows = load.windows.slice(looked);
    looked = load.windows.length;
    const loss = windows.find(({ lost }) => lost > 0);
    // A prober that never asked would see no loss.
    expect({ asked: windows.length > 0, lost: countLost(windows), reason: loss?.lostReason, at: loss?.from }).toEqual({
      asked: true,
      lost: 0,
      reason: undefined,
      at: undefined,
    });
  };

  it(`finishes a release although the controller is killed after its writes, ${KILLS} times and more`, {
    timeout: RELEASE_LIMIT_MS * 2,
  }, async () => {
    const version = nextVersion();
    const before = cluster().audit().length;
    const writes = (): number => writesSince(cluster(), before);
    const end = new AbortController();
    const kill = async (count: number): Promise<number> => {
      // The first life ends after its first write, the next after its second, …
      const limit = count < KILLS_AT_MOST ? writes() + 1 + (count % 3) : Number.POSITIVE_INFINITY;
      const life = await endOfLife(start(), () => writes() >= limit, end.signal);
      if (life === 'by itself') {
        throw new Error(`the controller ended by itself: ${await lastLines(join(cluster().folder, 'linnet.log'))}`);
      }
      return life === 'killed' ? kill(count + 1) : count;
    };
    const kills = kill(0);
    await release(cluster(), version);
    await Promise.all(BESIDE.map((name) => update(cluster(), name, 2)));
    const all = [
      untilShop(cluster(), isStable(version), RELEASE_LIMIT_MS * 2),
      ...BESIDE.map((name) => untilRuns(cluster(), name, 2)),
    ];
    await Promise.race([Promise.all(all), kills]);
    end.abort();
    expect(await kills).toBeGreaterThanOrEqual(KILLS);
    expectNoLoss();
    expect(await revisionsOf(cluster())).toEqual(['1', '2']);
    expect(await runsOf(cluster(), 2)).toHaveLength(1);
  });

  it('finishes a release over an API server that is away for 30 s in a step, and an etcd that is away for 5 s', {
    timeout: RELEASE_LIMIT_MS * 2,
  }, async () => {
    const version = nextVersion();
    const { controlPlane } = cluster().api;
    const child = start();
    await release(cluster(), version);
    await untilShop(cluster(), ({ status }) => (status?.canary?.weights?.canary?.weight ?? 0) === 20);
    await controlPlane.stopPart('kube-apiserver', 0);
    await systemClock.sleep(API_OUTAGE_MS);
    await controlPlane.startPart('kube-apiserver');
    await untilShop(cluster(), ({ status }) => (status?.canary?.weights?.canary?.weight ?? 0) === 60);
    await controlPlane.stopPart('etcd', 0);
    await systemClock.sleep(ETCD_OUTAGE_MS);
    await controlPlane.startPart('etcd');
    await untilShop(cluster(), isStable(version));
    expectNoLoss();
    // It rode out both.
    expect(await Promise.race([child.ended, Promise.resolve('still running')])).toBe('still running');
  });

  it('takes a bad version back over a network that is cut again and again', {
    timeout: RELEASE_LIMIT_MS * 2,
  }, async () => {
    const good = `v${versions}`;
    const proxy = await startCuttableProxy(new URL(cluster().api.controlPlane.url));
    start({ kubeconfig: kubeconfigVia(cluster(), proxy) });
    await release(cluster(), 'bad', '0.3');
    let cuts = 0;
    const cutting = setInterval(() => {
      cuts += proxy.cut();
    }, 500);
    await untilShop(cluster(), ({ status }) => status?.abort === true && status.phase === 'Degraded');
    clearInterval(cutting);
    expect(cuts).toBeGreaterThan(10);
    // The status says so whether or not the write of the weight got through at the first attempt.
    await vi.waitUntil(() => weights.at(-1)?.weight === 0, { timeout: ROUTE_LIMIT_MS });
    const takenBack = weights.at(-1)?.from ?? 0;
    await vi.waitUntil(() => answeredAfter(load.windows, takenBack, good) > PER_SECOND, { timeout: ROUTE_LIMIT_MS });
    expect(answeredAfter(load.windows, takenBack, 'bad')).toBe(0);
    expect(countByVersion(load.windows).get(good)?.failures ?? 0).toBe(0);
    await release(cluster(), good);
    await untilShop(cluster(), isStable(good));
    proxy.close();
    expectNoLoss();
  });

  it('hands a release over to a second replica when the leader dies', { timeout: RELEASE_LIMIT_MS * 2 }, async () => {
    const { until } = cluster();
    const version = nextVersion();
    const electing = { flags: ['--leader-elect=true'] };
    const leader = start(electing);
    const holder = async (): Promise<string> => {
      const lease = await until<Lease>(LEASES, LEASE, (object) => (object?.spec?.holderIdentity ?? '') !== '');
      return lease?.spec?.holderIdentity ?? '';
    };
    const first = await holder();
    start(electing);
    await release(cluster(), version);
    await untilShop(cluster(), ({ status }) => (status?.canary?.weights?.canary?.weight ?? 0) === 20);
    leader.signal('SIGKILL');
    await until<Lease>(
      LEASES,
      LEASE,
      (lease) => ![undefined, '', first].includes(lease?.spec?.holderIdentity),
      TAKEOVER_LIMIT_MS,
    );
    await untilShop(cluster(), isStable(version));
    expectNoLoss();
  });
});

/** Waits until a life is over: killed here once `isOver`, ended by itself, or `none` when the story is told before. */
async function endOfLife(
  child: Child,
  isOver: () => boolean,
  signal: AbortSignal,
): Promise<'killed' | 'by itself' | 'none'> {
  const ended = new AbortController();
  void child.ended.then(() => ended.abort());
  while (!isOver()) {
    if (signal.aborted) return 'none';
    if (ended.signal.aborted) return 'by itself';
    await systemClock.sleep(5);
  }
  child.signal('SIGKILL');
  await child.ended;
  return 'killed';
}

interface Lease extends KubeObject {
  readonly spec?: { readonly holderIdentity?: string };
}

const LEASE = { namespace: 'argo-rollouts', name: 'argo-rollouts-controller-lock' };

/** How many writes of Linnet ended after the first `from` requests of everybody. */
function writesSince({ audit }: RealCluster, from: number): number {
  return audit()
    .slice(from)
    .filter((event) => event.userAgent?.startsWith(LINNET) === true && isWrite(event)).length;
}

async function update({ client }: RealCluster, name: string, version: number): Promise<void> {
  const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: imageOf(version) }];
  await client.patch(ROLLOUTS, { namespace: SHOP.namespace, name }, { type: 'json', patch });
}

/** Resolves when every step of that version is behind. */
async function untilRuns({ until }: RealCluster, name: string, version: number): Promise<void> {
  const isDone = (rollout: Rollout | undefined): boolean =>
    rollout?.spec.template?.spec?.containers[0]?.image === imageOf(version) &&
    isHealthy(rollout) &&
    rollout.status?.stableRS === rollout.status?.currentPodHash;
  await until<Rollout>(ROLLOUTS, { namespace: SHOP.namespace, name }, isDone, RELEASE_LIMIT_MS * 2);
}

async function revisionsOf({ client }: RealCluster): Promise<readonly string[]> {
  const sets = await client.list<ReplicaSet>(REPLICA_SETS, SHOP.namespace);
  return sets
    .filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === SHOP.name)
    .map(({ metadata }) => metadata.annotations?.['rollout.argoproj.io/revision'] ?? '')
    .toSorted((a, b) => Number(a) - Number(b));
}

async function runsOf({ client }: RealCluster, revision: number): Promise<readonly AnalysisRun[]> {
  const runs = await client.list<AnalysisRun>(ANALYSIS_RUNS, SHOP.namespace);
  return runs.filter(({ metadata }) => metadata.annotations?.['rollout.argoproj.io/revision'] === String(revision));
}

function kubeconfigVia({ kubeconfig, folder, api }: RealCluster, { port }: CuttableProxy): string {
  const file = join(folder, 'kubeconfig-cuttable');
  writeFileSync(file, readFileSync(kubeconfig, 'utf8').replaceAll(api.controlPlane.url, `https://127.0.0.1:${port}`));
  return file;
}
