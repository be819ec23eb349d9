import { systemClock } from '../../src/runtime/system-clock.ts';
import { ControllerProcess } from './controller-process.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { settledFleet } from './idle-fleet.ts';

const TARGET_MB = 120;
/** The garbage of the start is gone by then. */
const SETTLE_MS = 10_000;

/** Resident memory of a controller that has nothing to do. */
export async function measureMemory({ progress }: BenchOptions): Promise<readonly Figure[]> {
  return [{ ...(await idleMemory(100, progress)), target: TARGET_MB }, await idleMemory(300, progress)];
}

async function idleMemory(size: number, progress: BenchOptions['progress']): Promise<Figure> {
  progress(`memory with ${size} Rollouts`);
  const cluster = await settledFleet(size);
  const controller = new ControllerProcess({ kubeconfig: cluster.kubeconfig });
  try {
    await controller.logged('controllers start');
    await cluster.settled('Healthy', 60_000, SETTLE_MS);
    await systemClock.sleep(SETTLE_MS);
    const { now, peak } = controller.memory();
    return { what: `idle RSS, ${size} Rollouts`, measured: now, unit: 'MB', note: `peak ${Math.round(peak)} MB` };
  } finally {
    await controller.stop();
    await cluster.close();
  }
}
