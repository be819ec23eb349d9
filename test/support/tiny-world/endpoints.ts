import type { TinyCluster } from './tiny-cluster.ts';

/** The EndpointSlice controller, which lags behind pods, and a data plane that lags behind it. */
export class Endpoints {
  readonly #cluster: TinyCluster;
  readonly #published = new Map<string, string>();

  constructor(cluster: TinyCluster) {
    this.#cluster = cluster;
  }

  /** Whether it did anything. */
  run(): boolean {
    const { services, pods } = this.#cluster;
    let acted = false;
    for (const [name, service] of services) {
      const selector = Object.entries(service.spec?.selector ?? {});
      const uids = pods
        .filter((pod) => pod.ready && selector.every(([key, value]) => pod.labels[key] === value))
        .map((pod) => pod.uid);
      const text = uids.join(',');
      if (this.#published.get(name) === text) continue;
      this.#published.set(name, text);
      acted = true;
      this.#publish(name, uids);
    }
    return acted;
  }

  #publish(service: string, uids: readonly string[]): void {
    const { endpointLagMs, routerLagMs, endpoints, dataPlane } = this.#cluster;
    this.#cluster.after(endpointLagMs, () => {
      endpoints.set(service, uids);
      this.#cluster.after(routerLagMs, () => {
        dataPlane.endpoints.set(service, uids);
      });
    });
  }
}
