import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisRun } from '../../src/api/analysis.ts';
import type { KubeObject, ReplicaSet } from '../../src/api/core-types.ts';
import { ANALYSIS_RUNS, LEASES, REPLICA_SETS } from '../../src/kube/resources.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { answeredAfter, countByVersion, countLost } from '../../src/sandbox/demo/measurements.ts';
import { lastLines } from '../../src/sandbox/last-lines.ts';
import { Load } from '../../src/sandbox/load/load.ts';
import type { Child } from '../../src/sandbox/process-group.ts';
import { type CuttableProxy, startCuttableProxy } from './support/cuttable-proxy.ts';
import { lacking } from './support/machine.ts';
import { type RealCluster, useRealCluster } from './support/real-cluster.ts';
import { isStable, RELEASE_LIMIT_MS, release, SHOP, SHOP_HOST, untilShop } from './support/shop.ts';

const missing = lacking('etcd', 'kubernetes');
/** A request every 10 ms sees any gap that a person would. */
const PER_SECOND = 100;
const KILLS = 20;
/** Then the last life may end the release. */
const KILLS_AT_MOST = 25;
const API_OUTAGE_MS = 30_000;
const ETCD_OUTAGE_MS = 5_000;
/** Duration of the Lease, and the time between two looks at it. */
const TAKEOVER_LIMIT_MS = 15_000 + 5_000;
/** examples/demo with fewer weights, to be short. */
const STEPS = [
  { setWeight: 20 },
  { pause: { duration: '3s' } },
  { pause: { untilVerified: true } },
  { setWeight: 60 },
  { pause: { untilVerified: true } },
];

describe.skipIf(missing !== undefined)('faults on a real control plane', () => {
  const cluster = useRealCluster(missing !== undefined);
  let load: Load;
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
    if (missing !== undefined) return;
    const { kubectl, processes, nginxUrl } = cluster();
    start();
    await kubectl(['apply', '-f', 'examples/demo']);
    const patch = { spec: { strategy: { canary: { steps: STEPS } } } };
    await kubectl(['patch', 'rollout', SHOP.name, '--type=merge', '-p', JSON.stringify(patch)]);
    await untilShop(cluster(), isStable('v1'));
    load = new Load({ processes, url: nginxUrl, host: SHOP_HOST, perSecond: PER_SECOND });
    await stopAll();
  });
  const stopAll = async (): Promise<void> => {
    await Promise.all([...running].map((child) => child.stop(0)));
    running.clear();
  };
  afterEach(async () => {
    if (missing === undefined) await stopAll();
  });
  const expectNoLoss = (): void => {
    const loss = load.windows.find(({ lost }) => lost > 0);
    // A prober that never asked would see no loss.
    expect({ asked: load.windows.length > 0, lost: countLost(load.windows), reason: loss?.lostReason }).toEqual({
      asked: true,
      lost: 0,
      reason: undefined,
    });
  };

  it(`finishes a release although the controller is killed after its writes, ${KILLS} times and more`, {
    timeout: RELEASE_LIMIT_MS * 2,
  }, async () => {
    const version = nextVersion();
    const writes = new WriteCounter(cluster());
    const end = new AbortController();
    const kill = async (count: number): Promise<number> => {
      // The first life ends after its first write, the next after its second, …
      const limit = count < KILLS_AT_MOST ? writes.count() + 1 + (count % 3) : Number.POSITIVE_INFINITY;
      const life = await endOfLife(start(), () => writes.count() >= limit, end.signal);
      if (life === 'by itself') {
        throw new Error(`the controller ended by itself: ${await lastLines(join(cluster().folder, 'linnet.log'))}`);
      }
      return life === 'killed' ? kill(count + 1) : count;
    };
    const kills = kill(0);
    await release(cluster(), version);
    await Promise.race([untilShop(cluster(), isStable(version), RELEASE_LIMIT_MS * 2), kills]);
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
    const abortedAt = systemClock.now();
    await systemClock.sleep(3_000);
    // nginx follows within a second.
    expect(answeredAfter(load.windows, abortedAt + 1_000, 'bad')).toBe(0);
    expect(answeredAfter(load.windows, abortedAt + 1_000, good)).toBeGreaterThan(0);
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

/** Counts what Linnet wrote, from the API server's own record of it. */
class WriteCounter {
  readonly #file: string;
  readonly #from: number;

  constructor({ api }: RealCluster) {
    this.#file = api.controlPlane.auditLog;
    this.#from = statSync(this.#file).size;
  }

  count(): number {
    const text = readFileSync(this.#file).subarray(this.#from).toString('utf8');
    return text.split('\n').filter((line) => IS_OURS.test(line) && IS_WRITE.test(line)).length;
  }
}

const IS_OURS = /"userAgent":"linnet-controller/;
const IS_WRITE = /"verb":"(create|update|patch|delete)"/;

async function revisionsOf({ client }: RealCluster): Promise<readonly string[]> {
  const sets = await client.list<ReplicaSet>(REPLICA_SETS, SHOP.namespace);
  return sets
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
