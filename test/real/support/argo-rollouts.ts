import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Child, ProcessGroup } from '../../../src/sandbox/process-group.ts';
import { program } from './machine.ts';

/** User agents begin so in the audit log. */
export const ARGO_ROLLOUTS = 'rollouts-controller/';
export const LINNET = 'linnet-controller/';

interface Place {
  readonly processes: ProcessGroup;
  readonly kubeconfig: string;
  /** Where its log goes. */
  readonly folder: string;
}

/**
 * Starts Argo Rollouts' own controller. It needs no ConfigMap or Secret for notifications, and its two servers listen on
 * all addresses of the namespace, at ports of the kernel's choice.
 */
export function startArgoRollouts({ processes, kubeconfig, folder }: Place): Child {
  const output = openSync(join(folder, 'argo-rollouts.log'), 'a');
  const flags = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--metricsPort=0', '--healthzPort=0'];
  try {
    // Its analysis of Jobs, and where its configuration is, are taken from the environment.
    const env = { KUBERNETES_SERVICE_HOST: undefined, POD_NAMESPACE: undefined };
    return processes.start([program('rollouts-controller'), ...flags], { output, env });
  } finally {
    closeSync(output);
  }
}

export interface PluginRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `kubectl argo rollouts ARGS…`, as an administrator. */
export function argoPlugin({ kubeconfig }: Pick<Place, 'kubeconfig'>, args: readonly string[]): Promise<PluginRun> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    execFile(program('kubectl-argo-rollouts'), args, { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(error ?? new Error('the plugin did not start'));
    });
  });
}
