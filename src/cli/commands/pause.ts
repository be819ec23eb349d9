import { withCluster } from '../cluster/connect.ts';
import { patchSpec } from '../cluster/rollouts.ts';
import type { CommandContext } from '../command-context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { parseName } from '../names.ts';
import { forEachName } from './for-each-name.ts';

/** Holds an update until it is promoted. */
export function pause({ host, globals }: CommandContext, names: readonly string[]): Promise<ExitCode> {
  return withCluster(host, globals, (cluster) =>
    forEachName(host, names, async (text) => {
      const name = parseName(text, 'rollout');
      await patchSpec(cluster, name, { paused: true });
      return `rollout '${name}' paused`;
    }),
  );
}
