import type { Pod } from '../../api/core-types.ts';
import { formatTimestamp } from '../../core/values/rfc3339.ts';
import { PODS } from '../../kube/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ServerContext } from '../server-context.ts';
import type { StorageEvent } from '../storage.ts';
import { ActorClient, type Stored } from './actor-client.ts';

/** How a pod behaves; all times count from the moment at which the kubelet sees it. */
export interface PodBehaviour {
  /** Milliseconds until it is ready; undefined: never. */
  readonly readyAfterMs: number | undefined;
  /** Milliseconds between the request to stop and its end. */
  readonly stopsAfterMs: number;
}

export interface KubeletOptions {
  /** Decides for each new pod. Default: ready after a second, stopped after another. */
  readonly behaviour?: (pod: Pod) => PodBehaviour;
  /** Of the node. Default: the API server's. */
  readonly clock?: Clock;
}

const NODE = 'node-1';
const DEFAULT_BEHAVIOUR: PodBehaviour = { readyAfterMs: 1_000, stopsAfterMs: 1_000 };

/** Kubelet and scheduler for tests on a virtual clock: pods are nothing but their status. */
export class KubeletActor {
  readonly #client: ActorClient;
  readonly #behaviour: (pod: Pod) => PodBehaviour;
  readonly #clock: Clock;
  readonly #stopping = new Set<string>();
  #addresses = 0;

  constructor(context: ServerContext, { behaviour = () => DEFAULT_BEHAVIOUR, clock }: KubeletOptions = {}) {
    this.#client = new ActorClient(context, 'kubelet');
    this.#behaviour = behaviour;
    this.#clock = clock ?? context.clock;
  }

  start(): void {
    this.#client.context.storage.subscribe((event) => this.#observe(event));
  }

  #observe({ collection, type, object }: StorageEvent): void {
    if (collection !== '/pods') return;
    const pod = object as unknown as Stored<Pod>;
    const { uid, deletionTimestamp } = pod.metadata;
    if (type === 'DELETED') this.#stopping.delete(uid);
    else if (type === 'ADDED') this.#start(pod);
    else if (deletionTimestamp !== undefined && !this.#stopping.has(uid)) this.#stop(pod);
  }

  #start(pod: Stored<Pod>): void {
    const { readyAfterMs } = this.#behaviour(pod);
    this.#clock.schedule(0, () => {
      this.#client.update<Pod>(PODS, pod, (live) => ({ ...live, spec: { ...live.spec, nodeName: NODE } }) as Pod);
      this.#setReady(pod, false);
      // Only now: on a busy machine, Node's timers of different lengths do not fire in the order of their moments.
      if (readyAfterMs !== undefined) this.#clock.schedule(readyAfterMs, () => this.#setReady(pod, true));
    });
  }

  #setReady(pod: Stored<Pod>, ready: boolean): void {
    const live = this.#client.get<Pod>(PODS, pod.metadata.namespace, pod.metadata.name);
    if (live === undefined || live.metadata.uid !== pod.metadata.uid) return;
    const status = ready ? 'True' : 'False';
    const lastTransitionTime = formatTimestamp(this.#clock.now());
    const podIP = live.status?.podIP ?? this.#nextAddress();
    this.#client.updateStatus<Pod>(PODS, live, {
      ...live.status,
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: [
        { type: 'Ready', status, lastTransitionTime },
        { type: 'ContainersReady', status, lastTransitionTime },
      ],
      containerStatuses: (live.spec?.containers ?? []).map(({ name, image = '' }) => ({
        name,
        image,
        imageID: '',
        ready,
        started: ready,
        restartCount: 0,
        state: { running: { startedAt: lastTransitionTime } },
      })),
    } as NonNullable<Pod['status']>);
  }

  #stop(pod: Stored<Pod>): void {
    this.#stopping.add(pod.metadata.uid);
    const { stopsAfterMs } = this.#behaviour(pod);
    this.#clock.schedule(stopsAfterMs, () => this.#client.delete(PODS, pod, 0));
  }

  #nextAddress(): string {
    this.#addresses += 1;
    return `10.244.${Math.floor(this.#addresses / 250) % 250}.${(this.#addresses % 250) + 1}`;
  }
}
