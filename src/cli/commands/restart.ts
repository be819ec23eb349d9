import { formatTimestamp } from '../../core/values/rfc3339.ts';
import { withCluster } from '../cluster/connect.ts';
import { patchSpec } from '../cluster/rollouts.ts';
import type { CommandContext } from '../command-context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { parseName } from '../names.ts';
import { formatSpan } from '../view/age.ts';
import { forEachName } from './for-each-name.ts';

/** Replaces the pods, now or after a while. */
export function restart(
  { host, globals }: CommandContext,
  names: readonly string[],
  delayMs: number,
): Promise<ExitCode> {
  return withCluster(host, globals, (cluster) =>
    forEachName(host, names, async (text) => {
      const name = parseName(text, 'rollout');
      await patchSpec(cluster, name, { restartAt: formatTimestamp(host.clock.now() + delayMs) });
      return `rollout '${name}' restarts in ${formatSpan(delayMs)}`;
    }),
  );
}
