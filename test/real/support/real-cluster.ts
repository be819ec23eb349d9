import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type RealApi, startRealApi } from '../../../src/sandbox/control-plane/real-api.ts';
import { startController } from '../../../src/sandbox/controller-process.ts';
import { lastLines } from '../../../src/sandbox/last-lines.ts';
import { type Child, type ProcessEnd, ProcessGroup } from '../../../src/sandbox/process-group.ts';
import { type SandboxCluster, type SandboxOptions, startSandbox } from '../../../src/sandbox/sandbox-cluster.ts';
import { type AuditEvent, AuditLog } from '../../support/audit-log.ts';
import { programs } from './machine.ts';
import { runKubectl } from './run-kubectl.ts';
import { type Until, untilOn } from './until.ts';

/** A sandbox on a real control plane, for one file of tests. */
export interface RealCluster extends SandboxCluster {
  readonly api: RealApi;
  readonly processes: ProcessGroup;
  /** Runs kubectl as administrator and gives what it prints. @throws Error with its standard error */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  /** Starts Linnet's controller; flags come after the sandbox's own, so they win. */
  readonly controller: (options?: { readonly flags?: readonly string[]; readonly kubeconfig?: string }) => Child;
  /** What controllers wrote to their logs so far. */
  readonly controllerLogText: () => string;
  /** Requests that ended so far, as the API server's audit log has them. */
  readonly audit: () => readonly AuditEvent[];
  readonly until: Until;
}

/** `bare`: without CRDs and the controller's namespace. */
export type RealClusterOptions = Pick<SandboxOptions, 'bare'>;

const CONTROLLER_LOG = 'linnet.log';

/**
 * Starts a cluster before the tests of a file and ends it after them: a real control plane, pods as processes, nginx and
 * Prometheus. The controller is left to the test. Nothing happens when all its tests are skipped.
 */
export function useRealCluster(options: RealClusterOptions = {}): () => RealCluster {
  let cluster: RealCluster | undefined;
  let processes: ProcessGroup | undefined;
  beforeAll(async () => {
    processes = new ProcessGroup();
    cluster = await startRealCluster(processes, options);
  });
  afterAll(async () => {
    await processes?.close();
  });
  return () => {
    if (cluster === undefined) throw new Error('there is no cluster before beforeAll');
    return cluster;
  };
}

/** The same for a caller with a life of its own, such as a bench. */
async function startRealCluster(processes: ProcessGroup, options: RealClusterOptions): Promise<RealCluster> {
  const { promise, resolve } = Promise.withResolvers<RealApi>();
  const sandbox = await startSandbox({
    ...options,
    processes,
    controller: false,
    onProgress: () => {},
    startApi: async (options) => {
      const api = await startRealApi(options, programs);
      resolve(api);
      return api;
    },
  });
  const api = await promise;
  const logFile = join(sandbox.folder, CONTROLLER_LOG);
  const audit = new AuditLog(api.controlPlane.auditLog);
  return {
    ...sandbox,
    api,
    processes,
    kubectl: (args, input) => runKubectl(sandbox.kubeconfig, args, input),
    controller: ({ flags = [], kubeconfig = sandbox.kubeconfig } = {}) => {
      const child = startController({
        processes,
        kubeconfig,
        logFile,
        address: '127.0.0.1',
        podNetwork: `${api.subnet.prefix}.0.0/16`,
        prometheusUrl: sandbox.prometheusUrl,
        flags,
      });
      void child.ended.then((end) => tellFailure(end, logFile));
      return child;
    },
    controllerLogText: () => readFileSync(logFile, 'utf8'),
    audit: () => audit.events(),
    until: untilOn(sandbox.client),
  };
}

/** Otherwise a controller that died is only seen as one that does nothing. */
async function tellFailure({ code }: ProcessEnd, logFile: string): Promise<void> {
  if (code === 0 || code === null) return;
  process.stderr.write(`a controller ended with status ${code}; ${await lastLines(logFile)}\n`);
}
