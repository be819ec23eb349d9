import { systemClock } from '../../src/runtime/system-clock.ts';
import { BenchCluster } from './bench-cluster.ts';
import { ControllerProcess } from './controller-process.ts';
import { type BenchOptions, type Figure, median, spread } from './figure.ts';
import { createFleet, settledFleet } from './idle-fleet.ts';

const FLEET = 100;
const TARGET_MS = 1_000;
/** The controllers run at full speed when all caches are filled; until then nothing but reads is seen. */
const FIRST_PASS_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/** From the start of the process to its first pass over a Rollout, and until it has seen all of them. */
export async function measureStart({ repeats, progress }: BenchOptions): Promise<readonly Figure[]> {
  progress(`start with ${FLEET} new Rollouts`);
  const starts: Start[] = [];
  for (let run = 0; run < repeats; run += 1) starts.push(await timeFirstPass());
  const first = starts.map(({ elapsedMs }) => elapsedMs);
  progress(`start with ${FLEET} settled Rollouts`);
  const all = await timeAllPasses(repeats);
  return [
    {
      what: `controller start to first reconcile, ${FLEET} Rollouts`,
      measured: median(first),
      unit: 'ms',
      target: TARGET_MS,
      note: `${spread(first, 'ms')}; CPU time until then ${median(starts.map(({ cpuMs }) => cpuMs))} ms`,
    },
    { what: `… until all ${FLEET} are reconciled`, measured: median(all), unit: 'ms', note: spread(all, 'ms') },
  ];
}

interface Start {
  readonly elapsedMs: number;
  /** Tells the controller's own part from what a busy machine adds. */
  readonly cpuMs: number;
}

/** New Rollouts need ReplicaSets: the first write can only come from a pass. */
async function timeFirstPass(): Promise<Start> {
  const cluster = await BenchCluster.start();
  try {
    await createFleet(cluster, FLEET);
    const wrote = cluster.event(({ collection }) => collection === 'apps/replicasets', FIRST_PASS_TIMEOUT_MS);
    const controller = new ControllerProcess({ kubeconfig: cluster.kubeconfig });
    try {
      await wrote;
      return { elapsedMs: performance.now() - controller.startedAt, cpuMs: controller.cpuMs() };
    } finally {
      await controller.stop();
    }
  } finally {
    await cluster.close();
  }
}

async function timeAllPasses(repeats: number): Promise<readonly number[]> {
  const cluster = await settledFleet(FLEET);
  const samples: number[] = [];
  try {
    for (let run = 0; run < repeats; run += 1) {
      const controller = new ControllerProcess({ kubeconfig: cluster.kubeconfig });
      try {
        while ((await controller.metric('rollout_reconcile_count')).size < FLEET) await systemClock.sleep(POLL_MS);
        samples.push(performance.now() - controller.startedAt);
      } finally {
        await controller.stop();
      }
    }
  } finally {
    await cluster.close();
  }
  return samples;
}
