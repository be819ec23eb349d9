import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Child, ProcessGroup } from './process-group.ts';

export interface ControllerProcessOptions {
  readonly processes: ProcessGroup;
  readonly kubeconfig: string;
  readonly logFile: string;
  /** Where the two ports listen; free ones are taken. */
  readonly address: string;
  /** Where pods and the sandbox's own servers live, as CIDR. */
  readonly podNetwork: string;
  readonly prometheusUrl: string;
  /** Base URL of Slack's Web API; absent: the real one. */
  readonly slackApiUrl?: string | undefined;
  /** After the sandbox's own, so they win. */
  readonly flags?: readonly string[];
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Starts the real controller, as a process of its own, on the sandbox's API server. */
export function startController(options: ControllerProcessOptions): Child {
  const { processes, kubeconfig, logFile, address, podNetwork, prometheusUrl, slackApiUrl, flags = [] } = options;
  const output = openSync(logFile, 'a');
  const command = [
    process.execPath,
    MAIN,
    `--kubeconfig=${kubeconfig}`,
    `--bind-address=${address}`,
    '--metricsport=0',
    '--healthzPort=0',
    // One controller alone: nobody to wait for.
    '--leader-elect=false',
    // The sandbox's nginx reloads within 0.3 s of a write.
    '--nginx-propagation=1s',
    // Everything here is on this machine.
    `--egress-allow=127.0.0.0/8,${podNetwork}`,
    ...(slackApiUrl === undefined ? [] : [`--slack-api-url=${slackApiUrl}`]),
    ...flags,
  ];
  try {
    return processes.start(command, { output, env: { ARGO_ROLLOUTS_PROMETHEUS_ADDRESS: prometheusUrl } });
  } finally {
    closeSync(output);
  }
}
