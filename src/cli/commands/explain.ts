import { withCluster } from '../cluster/connect.ts';
import { readFamily } from '../cluster/read-family.ts';
import { orNotFound, rolloutKey } from '../cluster/rollouts.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { parseName } from '../names.ts';
import { formatExplanation } from '../view/explanation.ts';

/** Says why a Rollout waits, what moves it on, and what its analysis measured. */
export function explain({ host, globals, paint }: CommandContext, text: string): Promise<ExitCode> {
  return withCluster(host, globals, async (cluster) => {
    const name = parseName(text, 'rollout');
    const { family, warnings } = await orNotFound(cluster, name, readFamily(cluster, rolloutKey(cluster, name)));
    for (const warning of warnings) host.stderr.write(`warning: ${warning}\n`);
    host.stdout.write(formatExplanation(family, host.clock.now(), paint));
    return EXIT.ok;
  });
}
