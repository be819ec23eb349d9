import { isObserved } from '../../core/rollout/observed-generation.ts';
import { withCluster } from '../cluster/connect.ts';
import { getRollout, patchStatus } from '../cluster/rollouts.ts';
import type { CommandContext } from '../command-context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { parseName } from '../names.ts';
import { isPromoted } from '../view/phase.ts';
import { forEachName } from './for-each-name.ts';

/** Takes an update back. Where there is none, nothing is written: an order left behind must not fire later. */
export function abort({ host, globals }: CommandContext, names: readonly string[]): Promise<ExitCode> {
  return withCluster(host, globals, (cluster) =>
    forEachName(host, names, async (text) => {
      const name = parseName(text, 'rollout');
      const rollout = await getRollout(cluster, name);
      if (isObserved(rollout) && isPromoted(rollout)) {
        return `rollout '${name}' has nothing to abort: its newest version is the stable one (to go back: kubectl linnet undo ${name})`;
      }
      await patchStatus(cluster, name, { status: { abort: true } });
      return `rollout '${name}' aborted`;
    }),
  );
}
