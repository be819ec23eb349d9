import { ROLLOUTS } from '../../src/kube/resources.ts';
import type { StorageEvent } from '../../src/simulator/storage.ts';
import { BenchCluster } from './bench-cluster.ts';
import { ControllerProcess } from './controller-process.ts';
import { type BenchOptions, type Figure, percentile } from './figure.ts';
import { application, canaryIngressOf, NAMESPACE, NEW_VERSION } from './manifests.ts';
import { startPrometheus } from './prometheus-stand-in.ts';

/** Half of them are judged and fail, half are aborted by a person. */
const EACH = 30;
const REPLICAS = 2;
const STEPS = [{ setWeight: 20 }, { pause: {} }];
const TARGET_MS = 1_000;
const PREPARATION_TIMEOUT_MS = 180_000;
const ABORT_TIMEOUT_MS = 30_000;
const CANARY_WEIGHT = 'nginx.ingress.kubernetes.io/canary-weight';

/** From the moment at which an abort is decided, by a verdict or by a person, to the moment at which the canary's weight is 0. */
export async function measureAbortLatency({ progress }: BenchOptions): Promise<readonly Figure[]> {
  const prometheus = await startPrometheus();
  const cluster = await BenchCluster.start();
  const names = (prefix: string) => Array.from({ length: EACH }, (_, index) => `${prefix}-${index}`);
  const [judged, plain] = [names('judged'), names('plain')];
  let controller: ControllerProcess | undefined;
  try {
    progress(`abort: ${2 * EACH} Rollouts go to their first pause`);
    for (const name of judged) {
      await cluster.create(...application({ name, replicas: REPLICAS, steps: STEPS, prometheus: prometheus.url }));
    }
    for (const name of plain) await cluster.create(...application({ name, replicas: REPLICAS, steps: STEPS }));
    controller = new ControllerProcess({ kubeconfig: cluster.kubeconfig });
    await controller.logged('controllers start');
    await cluster.settled('Healthy', PREPARATION_TIMEOUT_MS);
    for (const name of [...judged, ...plain]) {
      await cluster.client.patch(ROLLOUTS, { namespace: NAMESPACE, name }, { type: 'merge', patch: NEW_VERSION });
    }
    // The judged ones go on writing their measurements.
    await cluster.settled('Paused', PREPARATION_TIMEOUT_MS, 0);
    progress('abort: one failed measurement after the other');
    const byVerdict: number[] = [];
    for (const name of judged) {
      prometheus.spoil(name);
      byVerdict.push(await verdictToWeight(cluster, name));
    }
    progress('abort: one command after the other');
    const byPerson: number[] = [];
    for (const name of plain) byPerson.push(await commandToWeight(cluster, name));
    return [
      ...figures('abort, failed measurement stored → weight 0 written', byVerdict),
      ...figures("abort, a person's command stored → weight 0 written", byPerson),
    ];
  } finally {
    await controller?.stop();
    await cluster.close();
    await prometheus.close();
  }
}

function figures(what: string, samples: readonly number[]): readonly Figure[] {
  const note = `${samples.length} Rollouts, one after the other`;
  return [
    { what: `${what}, p50`, measured: percentile(samples, 0.5), unit: 'ms', note },
    { what: `${what}, p99`, measured: percentile(samples, 0.99), unit: 'ms', target: TARGET_MS, note },
  ];
}

async function verdictToWeight(cluster: BenchCluster, name: string): Promise<number> {
  const stored = cluster.event((event) => isFailedRun(event, name), ABORT_TIMEOUT_MS).then(() => performance.now());
  const weight = cluster.event((event) => takesWeightAway(event, name), ABORT_TIMEOUT_MS).then(() => performance.now());
  return (await weight) - (await stored);
}

async function commandToWeight(cluster: BenchCluster, name: string): Promise<number> {
  const weight = cluster.event((event) => takesWeightAway(event, name), ABORT_TIMEOUT_MS).then(() => performance.now());
  const patch = { status: { abort: true } };
  await cluster.client.patch(
    ROLLOUTS,
    { namespace: NAMESPACE, name },
    { type: 'merge', patch },
    { subresource: 'status' },
  );
  const commanded = performance.now();
  return (await weight) - commanded;
}

function isFailedRun({ collection, object }: StorageEvent, name: string): boolean {
  if (collection !== 'argoproj.io/analysisruns') return false;
  const { phase } = (object.status ?? {}) as { phase?: string };
  return phase === 'Failed' && object.metadata.ownerReferences?.[0]?.name === name;
}

function takesWeightAway({ collection, object }: StorageEvent, name: string): boolean {
  return (
    collection === 'networking.k8s.io/ingresses' &&
    object.metadata.name === canaryIngressOf(name) &&
    object.metadata.annotations?.[CANARY_WEIGHT] === '0'
  );
}
