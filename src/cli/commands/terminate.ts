import type { AnalysisRun } from '../../api/analysis.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { ANALYSIS_RUNS } from '../../kube/resources.ts';
import { CliError } from '../cli-error.ts';
import { withCluster } from '../cluster/connect.ts';
import type { CommandContext } from '../command-context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { parseTypedNames } from '../names.ts';
import { forEachName } from './for-each-name.ts';

/** Ends AnalysisRuns. What was measured so far decides how they end. */
export function terminate({ host, globals }: CommandContext, words: readonly string[]): Promise<ExitCode> {
  return withCluster(host, globals, ({ client, namespace }) =>
    forEachName(host, parseTypedNames(words, 'analysisrun'), async (name) => {
      const body = { type: 'merge', patch: { spec: { terminate: true } } } as const;
      await client.patch<AnalysisRun>(ANALYSIS_RUNS, { namespace, name }, body).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
        throw new CliError(`analysisruns.argoproj.io "${name}" not found in namespace "${namespace}"`, {
          hint: '`kubectl linnet get rollout NAME` shows the AnalysisRuns of a Rollout',
        });
      });
      return `analysisRun '${name}' terminated`;
    }),
  );
}
