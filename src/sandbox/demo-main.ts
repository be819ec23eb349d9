/** `npm run demo`: a release through real nginx, judged by real Prometheus, rolled back by itself. */
import { parseArgs } from 'node:util';
import { runInNamespace } from './control-plane/enter-namespace.ts';
import { isInNamespace } from './control-plane/network-namespace.ts';
import { controlPlanePrograms, startRealApi } from './control-plane/real-api.ts';
import { liveViewOn } from './demo/live-view.ts';
import { Narrator } from './demo/narrator.ts';
import { play } from './demo/play.ts';
import { brokenPromises, toJson } from './demo/result.ts';
import { setStage } from './demo/stage.ts';
import { summaryOf } from './demo/summary.ts';
import type { ProcessGroup } from './process-group.ts';
import { runToEnd } from './run-to-end.ts';

const HELP = `Usage: npm run demo -- [options]

Plays a release on a cluster of this machine: v2 is promoted step by step, v3 fails and is taken
back, git revert ends the matter. Takes about 90 seconds. The exit status is 0 only if every
promise held.

Options:
  --real       on a real control plane (etcd, kube-apiserver, kube-controller-manager,
               kube-scheduler); builds it when Go is there
  --json       end with one line of JSON on standard output
  -h, --help   show this text
`;
const USAGE_ERROR = 2;

async function run({ json, real }: Arguments, processes: ProcessGroup): Promise<number> {
  const say = (text: string): void => void process.stderr.write(`demo: ${text}\n`);
  if (real && !isInNamespace()) return runInNamespace(say);
  const programs = real ? await controlPlanePrograms(say) : undefined;
  // With --json, standard output is the result's alone.
  const screen = json ? process.stderr : process.stdout;
  const view = liveViewOn(screen, process.env);
  const narrator = new Narrator(view);
  processes.defer(async () => view.end());
  const problems: string[] = [];
  const stage = await setStage({
    processes,
    ...(programs === undefined ? {} : { startApi: (options) => startRealApi(options, programs) }),
    onProgress: (part) => narrator.tell(`starting ${part}`),
    onSlackMessage: ({ channel }) => narrator.tell(`Slack received a message in #${channel}`),
    onProblem: (text) => {
      problems.push(text);
      narrator.tell(text);
    },
  });
  const played = await play(stage, narrator);
  const result = { ...played, problems: [...problems, ...played.problems] };
  narrator.end();
  screen.write(summaryOf(result, narrator.elapsedSeconds));
  if (json) process.stdout.write(`${toJson(result)}\n`);
  return brokenPromises(result).length === 0 ? 0 : 1;
}

interface Arguments {
  readonly json: boolean;
  readonly real: boolean;
  readonly help: boolean;
}

function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      json: { type: 'boolean', default: false },
      real: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return values;
}

async function main(): Promise<void> {
  let chosen: ReturnType<typeof readArguments>;
  try {
    chosen = readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write('Run `npm run demo -- --help` for what there is.\n');
    process.exitCode = USAGE_ERROR;
    return;
  }
  if (chosen.help) process.stdout.write(HELP);
  else await runToEnd('demo', (processes) => run(chosen, processes));
}

await main();
