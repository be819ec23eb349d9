import { appendFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ingress, Pod } from '../../src/api/core-types.ts';
import { NGINX_ANNOTATION_PREFIX, NGINX_CANARY_WEIGHT, POD_TEMPLATE_HASH_LABEL } from '../../src/api/keys.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import { Informer } from '../../src/kube/informer.ts';
import { INGRESSES, PODS, ROLLOUTS } from '../../src/kube/resources.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { forward } from '../../src/sandbox/control-plane/gateway.ts';
import { answeredAfter, countByVersion, countLost, shareDuring } from '../../src/sandbox/demo/measurements.ts';
import type { WeightPhase } from '../../src/sandbox/demo/weight-phases.ts';
import { Load } from '../../src/sandbox/load/load.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { INGRESS_CLASS, manifestOf } from './support/applications.ts';
import { lacking } from './support/machine.ts';
import { type RealCluster, useRealCluster } from './support/real-cluster.ts';
import { isStable, RELEASE_LIMIT_MS } from './support/shop.ts';
import { startTraefik } from './support/traefik.ts';

const missing = lacking('etcd', 'kubernetes', 'traefik');
const ROLLOUT = { namespace: 'default', name: 'api-service' };
const HOST = 'api.example.com';
/** Where the example's AnalysisTemplate looks for Prometheus. */
const PROMETHEUS = { name: 'prometheus-operated.monitoring', host: '10.244.0.3', port: 9090 };
/** After a write, a proxy may go by the old weight for so long: Traefik looks at the API server every two seconds. */
const PROPAGATION_MS = 3_000;
/** Shares of at least 3,600 requests: chance alone moves one by three points in one of 10,000 runs. */
const PER_SECOND = 300;

/** The release of examples/gitops-2026, through two proxies that read the same Ingresses at the same time. */
describe.skipIf(missing !== undefined)('the release of examples/gitops-2026 through nginx and Traefik', () => {
  const cluster = useRealCluster();
  const proxies = new Map<string, Load>();
  let weights: WeightLog;

  beforeAll(async () => {
    const { kubectl, processes, kubeconfig, folder, prometheusUrl, nginxUrl, until, controller } = cluster();
    appendFileSync('/etc/hosts', `${PROMETHEUS.host} ${PROMETHEUS.name}\n`);
    const { hostname, port } = new URL(prometheusUrl);
    const forwarder = await forward(PROMETHEUS, { host: hostname, port: Number(port) });
    processes.defer(async () => void forwarder.close());
    await kubectl(['apply', '-f', '-'], manifestOf([INGRESS_CLASS]));
    weights = new WeightLog(cluster());
    controller({ flags: [`--nginx-propagation=${PROPAGATION_MS}ms`] });
    await kubectl(['apply', '-k', 'test/real/seed-release/v1']);
    await until<Rollout>(ROLLOUTS, ROLLOUT, (rollout) => rollout?.status?.phase === 'Healthy');
    const urls = {
      nginx: nginxUrl,
      traefik: await startTraefik({ processes, kubeconfig, folder, host: '10.244.0.4' }),
    };
    for (const [name, url] of Object.entries(urls)) {
      await untilServed(url);
      proxies.set(name, new Load({ processes, url, host: HOST, perSecond: PER_SECOND }));
    }
  });
  afterAll(() => weights?.stop());

  it('promotes a healthy version, at the shares of the weights, without losing a request', async () => {
    const { kubectl, until } = cluster();
    await kubectl(['apply', '-k', 'test/real/seed-release/v2']);
    const promoted = (rollout?: Rollout): boolean => rollout !== undefined && isStable('v2')(rollout);
    await until<Rollout>(ROLLOUTS, ROLLOUT, promoted, RELEASE_LIMIT_MS);
    await systemClock.sleep(PROPAGATION_MS);
    for (const [name, { windows }] of proxies) {
      const shares = weights
        .phases()
        .filter(({ weight }) => [10, 30, 50].includes(weight))
        .map((phase) => shareDuring(windows, phase, 'v2'));
      const far = shares.filter((share) => share === undefined || Math.abs(share.observed - share.weight) >= 3);
      expect({ proxy: name, shares: shares.length, far, lost: lossOf(windows) }).toEqual({
        proxy: name,
        shares: 3,
        far: [],
        lost: { requests: 0, reason: undefined },
      });
      expect(countByVersion(windows).get('v2')).toMatchObject({ failures: 0 });
    }
  });

  it('takes a version back that fails one request in five, and leaves the stable version alone', async () => {
    const { kubectl, until } = cluster();
    const before = await stablePods(cluster());
    await kubectl(['apply', '-k', 'test/real/seed-release/v3']);
    const aborted = await until<Rollout>(
      ROLLOUTS,
      ROLLOUT,
      (rollout) => rollout?.status?.abort === true && rollout.status.phase === 'Degraded',
      RELEASE_LIMIT_MS,
    );
    expect(aborted?.status?.message).toMatch(/success-rate.*Failed due to failed \(4\) > failureLimit \(3\)/);
    await until<Rollout>(ROLLOUTS, ROLLOUT, () => weights.phases().at(-1)?.weight === 0);
    await systemClock.sleep(PROPAGATION_MS * 2);
    const { from: takenBack = 0 } = weights.phases().at(-1) ?? {};
    for (const [name, load] of proxies) {
      await load.stop();
      const counts = countByVersion(load.windows);
      expect(counts.get('v3')?.failures).toBeGreaterThan(0);
      expect(answeredAfter(load.windows, takenBack, 'v2')).toBeGreaterThan(0);
      expect({
        proxy: name,
        failuresOfStable: counts.get('v2')?.failures,
        badAfterAbort: answeredAfter(load.windows, takenBack, 'v3'),
        lost: lossOf(load.windows),
      }).toEqual({
        proxy: name,
        failuresOfStable: 0,
        badAfterAbort: 0,
        lost: { requests: 0, reason: undefined },
      });
    }
    expect(await stablePods(cluster())).toEqual(before);
  });
});

function lossOf(windows: Load['windows']): { readonly requests: number; readonly reason: string | undefined } {
  return { requests: countLost(windows), reason: windows.find(({ lost }) => lost > 0)?.lostReason };
}

/** Names and restarts of the pods of the stable version. */
async function stablePods({ client, until }: RealCluster): Promise<readonly string[]> {
  const rollout = await until<Rollout>(ROLLOUTS, ROLLOUT, (object) => object?.status?.stableRS !== undefined);
  const hash = rollout?.status?.stableRS;
  const pods = await client.list<Pod>(PODS, 'default');
  return pods
    .filter(({ metadata }) => metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === hash)
    .map(({ metadata, status }) => `${metadata.name} ${status?.containerStatuses?.[0]?.restartCount}`)
    .toSorted();
}

/** A proxy answers 404 or 503 until it has read the Ingress and its endpoints. */
async function untilServed(url: string): Promise<void> {
  const status = (): Promise<number> =>
    new Promise((resolve) => {
      const asked = request(url, { headers: { host: HOST } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on('error', () => resolve(0));
      asked.end();
    });
  while ((await status()) !== 200) await systemClock.sleep(100);
}

/** The canary's weight as the Ingress has it, each phase without the time that proxies take to follow. */
class WeightLog {
  readonly #changes: { readonly weight: number; readonly at: number }[] = [{ weight: 0, at: 0 }];
  readonly #stop = new AbortController();

  constructor({ transport }: RealCluster) {
    const informer = new Informer<Ingress>({
      resource: INGRESSES,
      transport,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
    });
    const see = ({ metadata }: Ingress): void => {
      const text = metadata.annotations?.[`${NGINX_ANNOTATION_PREFIX}/${NGINX_CANARY_WEIGHT}`];
      if (text !== undefined && Number(text) !== this.#changes.at(-1)?.weight) {
        this.#changes.push({ weight: Number(text), at: systemClock.now() });
      }
    };
    informer.onChange({ added: see, updated: see, deleted: () => {} });
    void informer.run(this.#stop.signal);
  }

  phases(): readonly WeightPhase[] {
    return this.#changes.map(({ weight, at }, index) => ({
      weight,
      from: at + PROPAGATION_MS,
      to: this.#changes[index + 1]?.at,
    }));
  }

  stop(): void {
    this.#stop.abort();
  }
}
