/** `npm run sandbox`: the laptop-sized cluster, until Ctrl-C or for the time of one command. */
import { parseArgs } from 'node:util';
import type { ProcessGroup } from './process-group.ts';
import { runToEnd } from './run-to-end.ts';
import { type SandboxCluster, startSandbox } from './sandbox-cluster.ts';

const HELP = `Usage: npm run sandbox -- [options]

Runs a small Kubernetes cluster on this machine: an API server, workload controllers, pods as
processes, nginx as ingress controller, Prometheus and Linnet's controller. Needs no Docker.
Everything ends, and is removed, with Ctrl-C.

Options:
  --exec COMMAND    run COMMAND in a shell with KUBECONFIG set, and end with its exit status
  --no-controller   leave Linnet's controller out
  -h, --help        show this text

Images: linnet.dev/sample-app:<version> answers HTTP on $PORT (8080) and takes ERROR_RATE (0 to 1),
STARTUP_SECONDS and EXIT_CODE from its environment. busybox, alpine, bash, debian and ubuntu run
their command with this machine's programs, as you.
`;
const USAGE_ERROR = 2;

interface Arguments {
  readonly exec: string | undefined;
  readonly controller: boolean;
  readonly help: boolean;
}

function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      exec: { type: 'string' },
      'no-controller': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return { exec: values.exec, controller: !values['no-controller'], help: values.help };
}

async function run({ exec, controller }: Arguments, processes: ProcessGroup): Promise<number> {
  // With --exec, standard output is the command's alone.
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const cluster = await startSandbox({ processes, controller, onProgress: (part) => say(`sandbox: starting ${part}`) });
  if (exec === undefined) {
    say(describe(cluster));
    // Only a signal ends it.
    return new Promise(() => {});
  }
  const command = processes.start(['sh', '-c', exec], { foreground: true, env: { KUBECONFIG: cluster.kubeconfig } });
  const { code } = await command.ended;
  return code ?? 1;
}

function describe({ kubeconfig, nginxUrl, prometheusUrl, controllerLog, folder }: SandboxCluster): string {
  return [
    '',
    'The cluster is ready. In another terminal:',
    '',
    `  export KUBECONFIG=${kubeconfig}`,
    '  kubectl get pods -A',
    '',
    `  nginx          ${nginxUrl}  (send the host name of an Ingress as Host header)`,
    `  Prometheus     ${prometheusUrl}`,
    `  controller     ${controllerLog === undefined ? 'left out' : `logs to ${controllerLog}`}`,
    `  logs of pods   ${folder}/pods/`,
    '',
    'Ctrl-C ends and removes everything.',
  ].join('\n');
}

async function main(): Promise<void> {
  let chosen: Arguments;
  try {
    chosen = readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write('Run `npm run sandbox -- --help` for what there is.\n');
    process.exitCode = USAGE_ERROR;
    return;
  }
  if (chosen.help) process.stdout.write(HELP);
  else await runToEnd('sandbox', (processes) => run(chosen, processes));
}

await main();
