import { systemClock } from '../../src/runtime/system-clock.ts';
import { tally } from './bench-cluster.ts';
import { ControllerProcess } from './controller-process.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { settledFleet } from './idle-fleet.ts';

const FLEET = 100;
const SETTLE_MS = 5_000;

/** What a controller that has nothing to do asks of the API server, alone and as the holder of a Lease. */
export async function measureSteadyState(options: BenchOptions): Promise<readonly Figure[]> {
  const cluster = await settledFleet(FLEET);
  try {
    const figures: Figure[] = [];
    for (const leaderElect of [false, true]) {
      const controller = new ControllerProcess({ kubeconfig: cluster.kubeconfig, leaderElect });
      try {
        await controller.logged('controllers start');
        await cluster.settled('Healthy', 60_000, leaderElect ? 0 : SETTLE_MS);
        await systemClock.sleep(SETTLE_MS);
        figures.push(...(await watchIdle(cluster.server.seen, controller, leaderElect, options)));
      } finally {
        await controller.stop();
      }
    }
    return figures;
  } finally {
    await cluster.close();
  }
}

async function watchIdle(
  seen: readonly { kind: 'write' | 'read' | 'watch'; text: string; at: number }[],
  controller: ControllerProcess,
  leaderElect: boolean,
  { idleSeconds, progress }: BenchOptions,
): Promise<readonly Figure[]> {
  const mode = leaderElect ? 'leader election' : 'alone';
  progress(`${idleSeconds} s of doing nothing, ${mode}`);
  const cpuBefore = controller.cpuMs();
  const from = seen.length;
  await systemClock.sleep(idleSeconds * 1_000);
  const requests = seen.slice(from);
  const cpu = controller.cpuMs() - cpuBefore;
  const isLease = ({ text }: { text: string }): boolean => text.endsWith(' leases');
  const writes = requests.filter((request) => request.kind === 'write' && !isLease(request));
  const reads = requests.filter((request) => request.kind === 'read' && !isLease(request));
  const leases = requests.filter(isLease);
  const what = `in ${idleSeconds} s idle with ${FLEET} Rollouts, ${mode}`;
  return [
    { what: `API writes ${what}`, measured: writes.length, unit: 'requests', target: 0, note: tally(writes) },
    {
      what: `API reads other than watches ${what}`,
      measured: reads.length,
      unit: 'requests',
      target: 0,
      note: tally(reads),
    },
    ...(leaderElect
      ? [
          {
            what: `renewals of the Lease ${what}`,
            measured: leases.length,
            unit: 'requests' as const,
            note: tally(leases),
          },
        ]
      : []),
    { what: `CPU time ${what}`, measured: cpu, unit: 'ms' },
  ];
}
