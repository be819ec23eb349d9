import { readdirSync } from 'node:fs';
import type { Rollout } from '../../src/api/rollout.ts';
import { ROLLOUTS } from '../../src/kube/resources.ts';
import { manifestsIn, TestCluster } from '../support/test-cluster.ts';
import { type BenchOptions, type Figure, median, spread } from './figure.ts';
import { NAMESPACE } from './manifests.ts';

const EXAMPLE = 'examples/gitops-2026';
const NAME = 'api-service';
const MINUTE = 60_000;
const NEXT_IMAGE = 'registry.example.com/api-service:2.0.0';

/** The release of the example, 20 minutes of pauses, on the simulator and its virtual clock. */
export async function measureVirtualTime({ repeats, progress }: BenchOptions): Promise<readonly Figure[]> {
  progress('a release of 20 minutes in virtual time');
  const samples: number[] = [];
  for (let run = 0; run < repeats; run += 1) samples.push(await timeRelease());
  return [
    {
      what: 'a release with 20 minutes of pauses, in virtual time',
      measured: median(samples),
      unit: 'ms',
      note: spread(samples, 'ms'),
    },
  ];
}

async function timeRelease(): Promise<number> {
  const cluster = new TestCluster({ prometheus: () => ['0.99'] });
  const manifests = readdirSync(EXAMPLE)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => manifestsIn(`${EXAMPLE}/${file}`));
  cluster.startController();
  await cluster.apply(...manifests.filter(({ kind }) => kind !== 'Kustomization'));
  await cluster.until(NAME, ({ status }) => status?.phase === 'Healthy', 2 * MINUTE);
  const started = performance.now();
  await cluster.client.patch(
    ROLLOUTS,
    { namespace: NAMESPACE, name: NAME },
    {
      type: 'json',
      patch: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: NEXT_IMAGE }],
    },
  );
  const isOver = ({ status }: Rollout): boolean =>
    status?.phase === 'Healthy' && status.currentPodHash !== undefined && status.stableRS === status.currentPodHash;
  await cluster.until(NAME, ({ status }) => status?.phase === 'Paused', 2 * MINUTE);
  await cluster.until(NAME, isOver, 30 * MINUTE);
  const elapsed = performance.now() - started;
  await cluster.stopController();
  return elapsed;
}
