import { spawnSync } from 'node:child_process';
import { type BenchOptions, type Figure, median, spread } from './figure.ts';

const PLUGIN = 'dist/kubectl-linnet.mjs';
const RUNS_PER_REPEAT = 3;

/** How long a person waits for the plugin before it does anything. */
export function measurePluginStart({ repeats, progress }: BenchOptions): Promise<readonly Figure[]> {
  progress('start of the kubectl plugin');
  const bare = timeRuns(['-e', '0'], repeats * RUNS_PER_REPEAT);
  const plugin = timeRuns([PLUGIN, 'version'], repeats * RUNS_PER_REPEAT);
  return Promise.resolve([
    {
      what: 'kubectl-linnet version',
      measured: median(plugin),
      unit: 'ms',
      note: `${spread(plugin, 'ms')}; an empty Node program: ${Math.round(median(bare))} ms`,
    },
  ]);
}

function timeRuns(args: readonly string[], runs: number): readonly number[] {
  return Array.from({ length: runs }, () => {
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`);
    return performance.now() - started;
  });
}
