/** `npm run sandbox`: the laptop-sized cluster, until Ctrl-C or for the time of one command. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gatewayOf, runInNamespace } from './control-plane/enter-namespace.ts';
import { offer } from './control-plane/gateway.ts';
import { isInNamespace } from './control-plane/network-namespace.ts';
import { controlPlanePrograms, startRealApi } from './control-plane/real-api.ts';
import type { ProcessGroup } from './process-group.ts';
import { runToEnd } from './run-to-end.ts';
import { type SandboxCluster, startSandbox } from './sandbox-cluster.ts';

const HELP = `Usage: npm run sandbox -- [options]

Runs a small Kubernetes cluster on this machine: an API server, workload controllers, pods as
processes, nginx as ingress controller, Prometheus and Linnet's controller. Needs no Docker.
Everything ends, and is removed, with Ctrl-C.

Options:
  --exec COMMAND    run COMMAND in a shell with KUBECONFIG set, and end with its exit status
  --real            run a real control plane (etcd, kube-apiserver, kube-controller-manager,
                    kube-scheduler) instead of the simulator; builds it when Go is there
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
  readonly real: boolean;
  readonly help: boolean;
}

function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      exec: { type: 'string' },
      real: { type: 'boolean', default: false },
      'no-controller': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return { exec: values.exec, controller: !values['no-controller'], real: values.real, help: values.help };
}

// With --exec, standard output is the command's alone.
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function run({ exec, controller, real }: Arguments, processes: ProcessGroup): Promise<number> {
  if (real && !isInNamespace()) return runInNamespace((text) => say(`sandbox: ${text}`));
  const programs = real ? await controlPlanePrograms(say) : undefined;
  const cluster = await startSandbox({
    processes,
    controller,
    onProgress: (part) => say(`sandbox: starting ${part}`),
    ...(programs === undefined ? {} : { startApi: (options) => startRealApi(options, programs) }),
  });
  if (exec === undefined) {
    say(describe(real ? await seenFromOutside(cluster, processes) : cluster));
    // Only a signal ends it.
    return new Promise(() => {});
  }
  const command = processes.start(['sh', '-c', exec], { foreground: true, env: { KUBECONFIG: cluster.kubeconfig } });
  const { code } = await command.ended;
  return code ?? 1;
}

/** The same cluster with the addresses at which it is reached from outside of its network namespace. */
async function seenFromOutside(cluster: SandboxCluster, processes: ProcessGroup): Promise<SandboxCluster> {
  const gateway = gatewayOf(process.env);
  if (gateway === undefined) return cluster;
  const { folder, ports } = gateway;
  const outside = async (name: string, url: string): Promise<string> => {
    const { protocol, hostname, port } = new URL(url);
    const close = await offer(folder, name, hostname, Number(port));
    processes.defer(async () => close());
    return `${protocol}//127.0.0.1:${ports[name]}`;
  };
  const config = await readFile(cluster.kubeconfig, 'utf8');
  const { server } = (JSON.parse(config) as Kubeconfig).clusters[0].cluster;
  const kubeconfig = join(cluster.folder, 'kubeconfig-outside');
  await writeFile(kubeconfig, config.replaceAll(server, await outside('api', server)), { mode: 0o600 });
  const nginxUrl = await outside('nginx', cluster.nginxUrl);
  return { ...cluster, kubeconfig, nginxUrl, prometheusUrl: await outside('prometheus', cluster.prometheusUrl) };
}

/** As the sandbox writes it. */
interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string } }];
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
