import { scopedAbort } from '../../runtime/abort.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { type Cluster, withCluster } from '../cluster/connect.ts';
import { type MemberKind, memberKinds, type ReadFamily, readFamily } from '../cluster/read-family.ts';
import { getRollout, orNotFound, rolloutKey } from '../cluster/rollouts.ts';
import { watchFamily } from '../cluster/watch-family.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatObjects, type OutputFormat, parseOutputFormat } from '../output-format.ts';
import { Screen } from '../screen.ts';
import type { RolloutFamily } from '../view/family.ts';
import { formatRollout } from '../view/rollout-view.ts';
import { plain } from '../view/style.ts';

export interface GetOptions {
  readonly watch?: boolean;
  readonly timeoutSeconds?: number;
  readonly output?: string;
}

/** Ages grow, and bursts of changes are shown as one. */
const REDRAW_MS = 1_000;
const BURST_MS = 200;

/** Shows one Rollout and what belongs to it, once or for as long as the user looks. */
export function getRolloutCommand(context: CommandContext, name: string, options: GetOptions): Promise<ExitCode> {
  const { host, globals } = context;
  const format = parseOutputFormat(options.output);
  return withCluster(host, globals, async (cluster) => {
    if (format.kind !== 'view' && format.kind !== 'wide') return printObject(context, cluster, name, format);
    const key = rolloutKey(cluster, name);
    const read = await orNotFound(cluster, name, readFamily(cluster, key));
    for (const warning of read.warnings) host.stderr.write(`warning: ${warning}\n`);
    if (options.watch !== true) {
      host.stdout.write(formatRollout(read.family, host.clock.now(), context.paint));
      return EXIT.ok;
    }
    return watch(context, cluster, read, options.timeoutSeconds ?? 0);
  });
}

async function printObject(
  { host }: CommandContext,
  cluster: Cluster,
  name: string,
  format: OutputFormat,
): Promise<ExitCode> {
  host.stdout.write((await formatObjects(format, await getRollout(cluster, name))) ?? '');
  return EXIT.ok;
}

/** Until Ctrl-C, the Rollout's deletion, or the timeout (0: none). */
async function watch(
  { host, paint }: CommandContext,
  cluster: Cluster,
  { family, hidden }: ReadFamily,
  timeoutSeconds: number,
): Promise<ExitCode> {
  const { clock } = host;
  const scope = scopedAbort(clock, host.signal, timeoutSeconds === 0 ? undefined : timeoutSeconds * 1000);
  const screen = new Screen(host.stdout);
  let current: RolloutFamily = family;
  const draw = (): void => {
    const now = clock.now();
    // Without a clock, only what happened is left.
    screen.show(formatRollout(current, now, paint), formatRollout(current, 0, plain));
  };
  const redraw = repeatedly(clock, draw);
  try {
    const { name = '' } = family.rollout.metadata;
    await watchFamily(host, cluster, {
      key: rolloutKey(cluster, name),
      kinds: visibleKinds(family, hidden),
      signal: scope.signal,
      logger: silentLogger,
      onChange: (changed) => {
        current = changed;
        redraw.soon();
        return 'go-on';
      },
    });
    return EXIT.ok;
  } catch (error) {
    if (scope.timedOut()) return EXIT.ok;
    throw error;
  } finally {
    redraw.stop();
    scope.dispose();
  }
}

function visibleKinds({ rollout }: RolloutFamily, hidden: readonly MemberKind[]): readonly MemberKind[] {
  return memberKinds(rollout).filter(({ member }) => hidden.every((kind) => kind.member !== member));
}

interface Repetition {
  /** Draws soon, together with whatever else happens until then. */
  soon(): void;
  stop(): void;
}

function repeatedly(clock: CommandContext['host']['clock'], draw: () => void): Repetition {
  draw();
  let isSoon = false;
  let timer = clock.schedule(REDRAW_MS, tick);
  function tick(): void {
    isSoon = false;
    draw();
    timer = clock.schedule(REDRAW_MS, tick);
  }
  return {
    soon() {
      if (isSoon) return;
      isSoon = true;
      timer.cancel();
      timer = clock.schedule(BURST_MS, tick);
    },
    stop() {
      timer.cancel();
      if (isSoon) draw();
    },
  };
}
