import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import { Informer } from '../../kube/informer.ts';
import { ROLLOUTS } from '../../kube/resources.ts';
import { orAborted } from '../../runtime/abort.ts';
import { type Cluster, withCluster } from '../cluster/connect.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatObjects, parseOutputFormat } from '../output-format.ts';
import { type ListColumns, listHeader, listRow } from '../view/rollout-list.ts';
import { type Cell, formatTable } from '../view/table.ts';

export interface ListOptions {
  readonly allNamespaces?: boolean;
  readonly watch?: boolean;
  readonly timestamps?: boolean;
  /** Only the Rollout of this name. */
  readonly name?: string;
  readonly output?: string;
}

/** Shows the Rollouts of a namespace, or of all, one on a line. */
export function listRollouts(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  const { host, globals } = context;
  const format = parseOutputFormat(options.output);
  const columns: ListColumns = {
    namespace: options.allNamespaces === true,
    timestamp: options.timestamps === true,
    wide: format.kind === 'wide',
  };
  return withCluster(host, globals, async (cluster) => {
    const namespace = options.allNamespaces === true ? undefined : cluster.namespace;
    const rollouts = await readRollouts(cluster, namespace, options.name);
    const objects = await formatObjects(format, rollouts);
    if (objects !== undefined) {
      host.stdout.write(objects);
      return EXIT.ok;
    }
    printTable(context, rollouts, columns, namespace);
    return options.watch === true ? watch(context, cluster, rollouts, columns, options) : EXIT.ok;
  });
}

async function readRollouts(
  { client }: Cluster,
  namespace: string | undefined,
  name: string | undefined,
): Promise<readonly Rollout[]> {
  const fieldSelector = fieldSelectorOf(name);
  const rollouts = await client.list<Rollout>(
    ROLLOUTS,
    namespace,
    fieldSelector === undefined ? {} : { fieldSelector },
  );
  const keyOf = (rollout: Rollout): string => `${namespaceOf(rollout)}/${nameOf(rollout)}`;
  return rollouts.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

function fieldSelectorOf(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `metadata.name=${name}`;
}

function printTable(
  { host, paint }: CommandContext,
  rollouts: readonly Rollout[],
  columns: ListColumns,
  namespace: string | undefined,
): void {
  if (rollouts.length === 0) {
    host.stderr.write(`No rollouts found${namespace === undefined ? '' : ` in namespace "${namespace}"`}.\n`);
    return;
  }
  const now = host.clock.now();
  const rows = rollouts.map((rollout) => listRow(rollout, columns, now));
  host.stdout.write(formatTable([listHeader(columns), ...rows], paint));
}

/** One more line for each change that shows in it, until Ctrl-C. */
async function watch(
  { host, paint }: CommandContext,
  cluster: Cluster,
  printed: readonly Rollout[],
  columns: ListColumns,
  options: ListOptions,
): Promise<ExitCode> {
  const { clock, random, signal } = host;
  const informer = new Informer<Rollout>({
    resource: ROLLOUTS,
    transport: cluster.transport,
    clock,
    random,
    namespace: options.allNamespaces === true ? undefined : cluster.namespace,
    fieldSelector: fieldSelectorOf(options.name),
  });
  const withoutTime = { ...columns, timestamp: false };
  const textOf = (rollout: Rollout): string => JSON.stringify(listRow(rollout, withoutTime, 0));
  const shown = new Map(printed.map((rollout) => [rollout.metadata.uid, textOf(rollout)]));
  // Columns stay as wide as in the first table, so that the lines go on below it.
  const frame: readonly (readonly Cell[])[] = [
    listHeader(columns),
    ...printed.map((rollout) => listRow(rollout, columns, 0)),
  ];
  const print = (rollout: Rollout): void => {
    const text = textOf(rollout);
    if (shown.get(rollout.metadata.uid) === text) return;
    shown.set(rollout.metadata.uid, text);
    const lines = formatTable([...frame, listRow(rollout, columns, clock.now())], paint)
      .trimEnd()
      .split('\n');
    host.stdout.write(`${lines.at(-1) ?? ''}\n`);
  };
  informer.onChange({ added: print, updated: print });
  await orAborted(informer.run(signal), signal);
  return EXIT.ok;
}
