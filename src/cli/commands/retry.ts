import { withCluster } from '../cluster/connect.ts';
import { getRollout, patchStatus } from '../cluster/rollouts.ts';
import type { CommandContext } from '../command-context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { parseTypedNames } from '../names.ts';
import { forEachName } from './for-each-name.ts';

/** Tries an aborted update once more. */
export function retry({ host, globals }: CommandContext, words: readonly string[]): Promise<ExitCode> {
  return withCluster(host, globals, (cluster) =>
    forEachName(host, parseTypedNames(words, 'rollout'), async (name) => {
      const { status } = await getRollout(cluster, name);
      if (status?.abort !== true) return `rollout '${name}' is not aborted: there is nothing to retry`;
      await patchStatus(cluster, name, { status: { abort: false } });
      return `rollout '${name}' retried`;
    }),
  );
}
