import type { Command } from 'commander';
import type { KubeObject } from '../../api/core-types.ts';
import { nameOf } from '../../api/object-name.ts';
import { kubeConfigFiles } from '../../kube/kube-config.ts';
import { readKubeConfigFiles } from '../../kube/kube-config-file.ts';
import { ANALYSIS_RUNS, NAMESPACES, type Resource, ROLLOUTS } from '../../kube/resources.ts';
import { type Cluster, withCluster } from '../cluster/connect.ts';
import { templateOwner } from '../cluster/pod-template-owner.ts';
import { getRollout } from '../cluster/rollouts.ts';
import type { CommandContext } from '../command-context.ts';
import { type Completion, completeWords, type DynamicWords } from '../complete-words.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { GlobalOptions } from '../global-options.ts';
import { parseName } from '../names.ts';

/** A shell that waits longer than this for candidates annoys more than it helps. */
const LONGEST_WAIT_MS = 2_000;
/** Ends cobra's completion protocol, which kubectl speaks: 4 means that file names are no candidates, 0 that they are. */
const NO_FILES = ':4';
const FILES_TOO = ':0';

/** Prints what may come next, for shells. Failures are silent: nothing to offer is no error. */
export async function complete(
  { host, globals }: CommandContext,
  words: readonly string[],
  program: Command,
): Promise<ExitCode> {
  const completion = completeWords(program, words);
  const { candidates, ask, flags } = completion;
  const asked =
    ask === undefined
      ? []
      : await askFor(ask, completion, host, optionsFrom(flags, globals)).catch((): readonly string[] => []);
  const typed = words.at(-1) ?? '';
  const lines = [
    ...candidates.map(({ word, description = '' }) => (description === '' ? word : `${word}\t${description}`)),
    ...asked.filter((word) => word.startsWith(typed)),
    candidates.length === 0 && ask === undefined ? FILES_TOO : NO_FILES,
  ];
  host.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return EXIT.ok;
}

function optionsFrom(flags: ReadonlyMap<string, string>, globals: GlobalOptions): GlobalOptions {
  const [namespace, context, kubeconfig] = ['namespace', 'context', 'kubeconfig'].map((name) => flags.get(name));
  return {
    ...globals,
    ...(namespace === undefined ? {} : { namespace }),
    ...(context === undefined ? {} : { context }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    requestTimeoutMs: LONGEST_WAIT_MS,
  };
}

async function askFor(
  what: DynamicWords,
  completion: Completion,
  host: CommandContext['host'],
  options: GlobalOptions,
): Promise<readonly string[]> {
  if (what === 'contexts') {
    const config = await readKubeConfigFiles(await kubeConfigFiles(options, host.env));
    return [...config.contexts.keys()];
  }
  return withCluster(host, options, async (cluster) => {
    switch (what) {
      case 'rollouts':
        return namesOf(cluster, ROLLOUTS);
      case 'analysisruns':
        return namesOf(cluster, ANALYSIS_RUNS);
      case 'namespaces':
        return namesOf(cluster, NAMESPACES);
      case 'containers':
        return containersOf(cluster, completion.args[0] ?? '');
    }
  });
}

async function namesOf({ client, namespace }: Cluster, resource: Resource): Promise<readonly string[]> {
  const objects = await client.list<KubeObject>(resource, resource.namespaced ? namespace : undefined);
  return objects.map(nameOf);
}

async function containersOf(cluster: Cluster, text: string): Promise<readonly string[]> {
  const rollout = await getRollout(cluster, parseName(text, 'rollout'));
  const { template } = await templateOwner(cluster, rollout);
  return (template.spec?.containers ?? []).map(({ name }) => `${name}=`);
}
