import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { KubeObject } from '../../../src/api/core-types.ts';
import { isNotFound } from '../../../src/kube/api-error.ts';
import type { ObjectKey } from '../../../src/kube/client.ts';
import type { Resource } from '../../../src/kube/resources.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { type RealApi, startRealApi } from '../../../src/sandbox/control-plane/real-api.ts';
import { startController } from '../../../src/sandbox/controller-process.ts';
import { type Child, ProcessGroup } from '../../../src/sandbox/process-group.ts';
import { type SandboxCluster, type SandboxOptions, startSandbox } from '../../../src/sandbox/sandbox-cluster.ts';
import { programs } from './machine.ts';
import { runKubectl } from './run-kubectl.ts';

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
  /** Polls an object until it is as asked (undefined: there is none), and gives it. @throws Error that shows the last state */
  readonly until: <T extends KubeObject>(
    resource: Resource,
    key: ObjectKey,
    condition: (object: T | undefined) => boolean,
    limitMs?: number,
  ) => Promise<T | undefined>;
}

/** `bare`: without CRDs and the controller's namespace. */
export type RealClusterOptions = Pick<SandboxOptions, 'bare'>;

/** The fields of `audit.k8s.io/v1` that tests read. */
export interface AuditEvent {
  readonly verb: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code: number };
  readonly requestReceivedTimestamp: string;
}

const UNTIL_LIMIT_MS = 60_000;
const POLL_MS = 100;
const CONTROLLER_LOG = 'linnet.log';

/**
 * Starts a cluster before the tests of a file and ends it after them: a real control plane, pods as processes, nginx and
 * Prometheus. The controller is left to the test.
 */
export function useRealCluster(skip: boolean, options: RealClusterOptions = {}): () => RealCluster {
  let cluster: RealCluster | undefined;
  let processes: ProcessGroup | undefined;
  beforeAll(async () => {
    if (skip) return;
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
  return {
    ...sandbox,
    api,
    processes,
    kubectl: (args, input) => runKubectl(sandbox.kubeconfig, args, input),
    controller: ({ flags = [], kubeconfig = sandbox.kubeconfig } = {}) =>
      startController({
        processes,
        kubeconfig,
        logFile,
        address: '127.0.0.1',
        podNetwork: `${api.subnet.prefix}.0.0/16`,
        prometheusUrl: sandbox.prometheusUrl,
        flags,
      }),
    controllerLogText: () => readFileSync(logFile, 'utf8'),
    audit: () => auditEvents(api.controlPlane.auditLog),
    until: async <T extends KubeObject>(
      resource: Resource,
      key: ObjectKey,
      condition: (object: T | undefined) => boolean,
      limitMs = UNTIL_LIMIT_MS,
    ) => {
      const deadline = systemClock.monotonic() + limitMs;
      for (;;) {
        const object = await sandbox.client.get<T>(resource, key).catch((error: unknown) => {
          if (isNotFound(error)) return undefined;
          throw error;
        });
        if (condition(object)) return object;
        if (systemClock.monotonic() > deadline) {
          throw new Error(
            `${resource.kind} ${key.name} is not as expected after ${limitMs / 1000} s: ${JSON.stringify(object, null, 1)}`,
          );
        }
        await systemClock.sleep(POLL_MS);
      }
    },
  };
}

function auditEvents(file: string): readonly AuditEvent[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as AuditEvent);
}
