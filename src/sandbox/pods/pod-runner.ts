import { join } from 'node:path';
import type { Container, Pod } from '../../api/core-types.ts';
import { nameOf, namespaceOf, uidOf } from '../../api/object-name.ts';
import type { KubeClient } from '../../kube/client.ts';
import { Informer } from '../../kube/informer.ts';
import { PODS } from '../../kube/resources.ts';
import type { KubeTransport } from '../../kube/transport.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { ProcessGroup } from '../process-group.ts';
import type { Subnet } from '../subnet.ts';
import { type Backoff, KUBELET_BACKOFF } from './container-runner.ts';
import { PodWorker } from './pod-worker.ts';
import type { ApiService } from './service-account.ts';

export interface PodRunnerOptions {
  readonly transport: KubeTransport;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly processes: ProcessGroup;
  readonly subnet: Subnet;
  /** Whether somebody else binds pods to nodes; otherwise every pod without a node is taken. */
  readonly hasScheduler?: boolean;
  /** How pods reach the API server; absent: they do not. */
  readonly service?: ApiService | undefined;
  /** Where the output of containers goes, one file each. */
  readonly logFolder: string;
  readonly backoff?: Backoff;
}

/** Name of the one node of the sandbox. */
export const NODE_NAME = 'sandbox';
const FINAL_GRACE_MS = 2_000;

interface Running {
  readonly worker: PodWorker;
  readonly address: string;
}

/**
 * Kubelet of the sandbox, and its scheduler where there is no other: runs the pods of its node as real processes of
 * this machine, and keeps their status. It knows the API server by its API alone.
 */
export class PodRunner {
  readonly #options: PodRunnerOptions;
  readonly #running = new Map<string, Running>();
  readonly #stop = new AbortController();
  readonly #informer: Informer<Pod>;
  #done: Promise<void> | undefined;

  constructor(options: PodRunnerOptions) {
    this.#options = options;
    const { transport, clock, random, logger } = options;
    this.#informer = new Informer<Pod>({ resource: PODS, transport, clock, random, logger });
    this.#informer.onChange({
      added: (pod) => this.#observe(pod),
      updated: (pod) => this.#observe(pod),
      deleted: (pod) => void this.#forget(pod),
    });
  }

  /** Resolves when the pods that exist already are being run. */
  async start(): Promise<void> {
    this.#done = this.#informer.run(this.#stop.signal);
    await this.#informer.synced;
  }

  /** Ends all pods' processes; their objects stay as they are. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    await Promise.all([...this.#running.values()].map(({ worker }) => worker.stop(FINAL_GRACE_MS)));
    this.#running.clear();
  }

  #observe(pod: Pod): void {
    const known = this.#running.get(uidOf(pod));
    if (known !== undefined) known.worker.update(pod);
    else if (this.#isOurs(pod) && !hasEnded(pod)) this.#begin(pod);
  }

  #isOurs({ spec }: Pod): boolean {
    return spec?.nodeName === undefined ? this.#options.hasScheduler !== true : spec.nodeName === NODE_NAME;
  }

  #begin(pod: Pod): void {
    const { client, clock, processes, subnet, logFolder, logger, service, backoff = KUBELET_BACKOFF } = this.#options;
    const address = subnet.take();
    const worker = new PodWorker(pod, {
      client,
      clock,
      processes,
      address,
      node: NODE_NAME,
      logFile: (of: Pod, { name }: Container) => join(logFolder, `${namespaceOf(of)}_${nameOf(of)}_${name}.log`),
      backoff,
      service,
      tokenFolder: join(logFolder, 'tokens'),
    });
    this.#running.set(uidOf(pod), { worker, address });
    if (pod.metadata.deletionTimestamp !== undefined) {
      worker.update(pod);
      return;
    }
    worker.start().catch((error: unknown) => {
      // Deleted while it was starting is the usual reason.
      if (this.#running.has(uidOf(pod))) logger.debug({ err: error, pod: nameOf(pod) }, 'pod did not start');
    });
  }

  async #forget(pod: Pod): Promise<void> {
    const known = this.#running.get(uidOf(pod));
    if (known === undefined) return;
    this.#running.delete(uidOf(pod));
    await known.worker.stop(0);
    this.#options.subnet.release(known.address);
  }
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
