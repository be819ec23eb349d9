import type { Pod } from '../../../src/api/core-types.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import { PODS } from '../../../src/kube/resources.ts';
import { ActorClient, type Stored } from '../../../src/simulator/actors/actor-client.ts';
import { isActive, isReady } from '../../../src/simulator/actors/pod-state.ts';
import type { StorageEvent } from '../../../src/simulator/storage.ts';
import type { TestCluster } from '../../support/test-cluster.ts';

const HASH = 'rollouts-pod-template-hash';

/** The pods of a world: who is available, and how they come to harm. */
export class Pods {
  readonly #cluster: TestCluster;
  readonly #kubelet: ActorClient;
  readonly #available = new Map<string, number>();
  readonly #counted = new Set<string>();
  readonly #images = new Map<string, string>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#kubelet = new ActorClient(cluster.server.context, 'kubelet');
    cluster.server.context.storage.subscribe((event) => this.#observe(event));
  }

  /** Pods of a version that are ready and are not about to go. */
  available(hash: string): number {
    return this.#available.get(hash) ?? 0;
  }

  /** What a version runs; undefined while it never had a pod. */
  imageOf(hash: string): string | undefined {
    return this.#images.get(hash);
  }

  /** Up to `count` pods of a version are not ready for a while: they restart. */
  crash(hash: string, count: number, downMs: number): void {
    const victims = this.#of(hash).filter(isReady).slice(0, count);
    for (const pod of victims) {
      this.#setReady(pod, false);
      this.#cluster.clock.schedule(downMs, () => this.#setReady(pod, true));
    }
  }

  /** Up to `count` pods of a version are deleted by a node. */
  evict(hash: string, count: number): void {
    for (const pod of this.#of(hash).slice(0, count)) this.#kubelet.delete(PODS, pod);
  }

  #of(hash: string): readonly Stored<Pod>[] {
    return this.#kubelet
      .list<Pod>(PODS, 'default')
      .filter((pod) => pod.metadata.labels?.[HASH] === hash && isActive(pod));
  }

  #setReady(pod: Stored<Pod>, ready: boolean): void {
    const live = this.#kubelet.get<Pod>(PODS, pod.metadata.namespace, pod.metadata.name);
    if (live === undefined || live.metadata.uid !== pod.metadata.uid) return;
    const lastTransitionTime = formatTimestamp(this.#cluster.nodeClock.now());
    const condition = (type: string) => ({ type, status: ready ? 'True' : 'False', lastTransitionTime });
    this.#kubelet.updateStatus<Pod>(PODS, live, {
      ...live.status,
      conditions: [condition('Ready'), condition('ContainersReady')],
    });
  }

  #observe({ collection, type, object }: StorageEvent): void {
    if (collection !== '/pods') return;
    const pod = object as unknown as Stored<Pod>;
    const { uid, labels } = pod.metadata;
    if (type === 'ADDED') this.#images.set(labels?.[HASH] ?? '', pod.spec?.containers?.[0]?.image ?? '');
    const counts = type !== 'DELETED' && isActive(pod) && isReady(pod);
    if (counts === this.#counted.has(uid)) return;
    if (counts) this.#counted.add(uid);
    else this.#counted.delete(uid);
    const hash = labels?.[HASH] ?? '';
    this.#available.set(hash, (this.#available.get(hash) ?? 0) + (counts ? 1 : -1));
  }
}
