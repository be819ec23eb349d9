import type { Rollout } from '../../api/rollout.ts';
import { scopedAbort } from '../../runtime/abort.ts';
import { type Logger, silentLogger } from '../../telemetry/logger.ts';
import { CliError } from '../cli-error.ts';
import { type Cluster, withCluster } from '../cluster/connect.ts';
import { getRollout, rolloutKey } from '../cluster/rollouts.ts';
import { watchFamily } from '../cluster/watch-family.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { parseName } from '../names.ts';
import { type GoalVerdict, judgeGoal, parseStatusGoal, refuseImpossible, type StatusGoal } from '../status-goal.ts';
import { phaseOf } from '../view/phase.ts';

export interface StatusOptions {
  /** False looks once. */
  readonly watch: boolean;
  /** Milliseconds; 0 waits for ever. */
  readonly timeout: number;
  readonly until?: string;
}

/** Prints how a Rollout stands, and by default waits for what becomes of it. */
export function status(context: CommandContext, text: string, options: StatusOptions): Promise<ExitCode> {
  const { host, globals } = context;
  const name = parseName(text, 'rollout');
  const goal = parseStatusGoal(options.until);
  return withCluster(host, globals, async (cluster) => {
    const rollout = await getRollout(cluster, name);
    refuseImpossible(goal, rollout);
    if (options.watch) return follow(host, cluster, rollout, goal, options.timeout);
    host.stdout.write(`${lineOf(rollout)}\n`);
    return conclude(judgeGoal(goal, rollout), goal, rollout, EXIT.missed);
  });
}

async function follow(
  host: Host,
  cluster: Cluster,
  first: Rollout,
  goal: StatusGoal,
  timeoutMs: number,
): Promise<ExitCode> {
  const scope = scopedAbort(host.clock, host.signal, timeoutMs === 0 ? undefined : timeoutMs);
  let printed = '';
  let current = first;
  const look = (rollout: Rollout): boolean => {
    current = rollout;
    const line = lineOf(rollout);
    if (line !== printed) host.stdout.write(`${line}\n`);
    printed = line;
    return judgeGoal(goal, rollout) !== 'waiting';
  };
  try {
    if (!look(first)) {
      await watchFamily(host, cluster, {
        key: rolloutKey(cluster, first.metadata.name ?? ''),
        kinds: [],
        signal: scope.signal,
        logger: connectionLogger(host),
        onChange: ({ rollout }) => (look(rollout) ? 'stop' : 'go-on'),
      });
    }
    return conclude(judgeGoal(goal, current), goal, current, EXIT.timedOut);
  } catch (error) {
    if (!scope.timedOut()) throw error;
    throw new CliError('Rollout status watch exceeded timeout', {
      exitCode: goal.kind === 'settled' ? EXIT.failed : EXIT.timedOut,
    });
  } finally {
    scope.dispose();
  }
}

function lineOf(rollout: Rollout): string {
  const { phase, message } = phaseOf(rollout);
  return message === '' ? phase : `${phase} - ${message}`;
}

/** The exit status. `unfinished` is for a goal that is still to come; without a goal that is no failure. */
function conclude(verdict: GoalVerdict, goal: StatusGoal, rollout: Rollout, unfinished: ExitCode): ExitCode {
  switch (verdict) {
    case 'reached':
      return EXIT.ok;
    case 'degraded':
      throw new CliError(`The rollout is in a degraded state with message: ${phaseOf(rollout).message}`);
    case 'missed':
      throw new CliError('the rollout is Healthy: it did not pause', { exitCode: EXIT.missed });
    case 'waiting':
      return goal.kind === 'settled' ? EXIT.ok : unfinished;
  }
}

/** A connection that is lost and found again is worth a line: the wait may be long. */
function connectionLogger({ stderr }: Host): Logger {
  const tell = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    const cause = fields['err'] instanceof Error ? `: ${fields['err'].message}` : '';
    stderr.write(`${message}${cause}\n`);
  };
  const logger: Logger = { ...silentLogger, info: tell, warn: tell, error: tell, child: () => logger };
  return logger;
}
