import { POD_TEMPLATE_HASH_LABEL } from '../../../src/api/keys.ts';
import type { Action } from '../../../src/core/rollout/action.ts';
import { describeAction } from '../../../src/core/rollout/describe-action.ts';
import { scaled } from '../../../src/core/values/int-or-string.ts';
import type { TinyCluster } from './tiny-cluster.ts';

/** Checks every write and every change of the data plane against the invariants that a release must not break. */
export class TinyReferee {
  readonly #cluster: TinyCluster;
  readonly #call: (breach: string) => void;
  readonly #everServed = new Set<string>();
  /** Sizes from before `spec.replicas` was lowered count until they are gone. */
  #boundBefore = 0;

  constructor(cluster: TinyCluster, call: (breach: string) => void) {
    this.#cluster = cluster;
    this.#call = call;
  }

  /** `spec.replicas` changes: how many pods there were is nobody's fault. */
  scaled(): void {
    this.#boundBefore = Number.POSITIVE_INFINITY;
  }

  /** After something has changed. */
  check(when: string): void {
    const { weight } = this.#cluster.dataPlane;
    this.#checkBackend('web-canary', weight > 0, when);
    this.#checkBackend('web-stable', weight < this.#cluster.maxWeight, when);
    const identities = [...this.#cluster.replicaSets.values()].map((rs) => JSON.stringify(rs.spec?.template?.spec));
    if (new Set(identities).size !== identities.length) this.#call(`I5 two ReplicaSets for one template (${when})`);
    if (!this.#cluster.isRouted) this.#checkBounds(when);
  }

  /** Before a write. */
  checkWrite(action: Action): void {
    if (action.kind === 'scaleReplicaSet' && !this.#cluster.isRouted && !this.#cluster.outage)
      this.#checkScaleDown(action.target.name, action.to, describeAction(action));
    if (action.kind === 'setTraffic') this.#checkWeight(action.intent.canaryWeight, action.intent.maxWeight);
  }

  /** After a write of the status. */
  checkPromotion(before: string | undefined): void {
    const { rollout } = this.#cluster;
    const after = rollout.status?.stableRS;
    const desired = rollout.spec.replicas ?? 1;
    if (after === before || after === undefined) return;
    const available = this.#cluster.available(after);
    if (available < desired && after === rollout.status?.currentPodHash)
      this.#call(`I5 promoted ${after} with ${available} of ${desired} pods`);
  }

  /** A request meets a pod if the data plane knows one that is still there. */
  #checkBackend(service: string, inUse: boolean, when: string): void {
    const { isRouted, pods, dataPlane, rollout, outage } = this.#cluster;
    if (!isRouted) return;
    const living = new Set(pods.filter((pod) => pod.ready).map((pod) => pod.uid));
    const serves = (dataPlane.endpoints.get(service) ?? []).some((uid) => living.has(uid));
    if (serves) this.#everServed.add(service);
    // Back from zero there is nothing to reach at first, whatever the planner does.
    if (rollout.spec.replicas === 0) this.#everServed.delete(service);
    if (inUse && !serves && this.#everServed.has(service) && !outage) {
      this.#call(`I1 Service ${service} has weight but no pod (${when})`);
    }
  }

  #checkBounds(when: string): void {
    const { desired, surge } = this.#allowances();
    const replicaSets = [...this.#cluster.replicaSets.values()];
    const total = replicaSets.reduce((sum, replicaSet) => sum + (replicaSet.spec?.replicas ?? 0), 0);
    if (total > Math.max(desired + surge, this.#boundBefore)) this.#call(`I3 ${total} pods of ${desired} (${when})`);
    this.#boundBefore = Math.min(this.#boundBefore, Math.max(total, desired + surge));
  }

  #allowances(): { readonly desired: number; readonly surge: number; readonly unavailable: number } {
    const { strategy, replicas: desired = 1 } = this.#cluster.rollout.spec;
    const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.canary ?? {};
    const surge = scaled(maxSurge, desired, 'up');
    const unavailable = scaled(maxUnavailable, desired, 'down');
    return { desired, surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
  }

  /** Without routing, scaling down never takes available pods below what `maxUnavailable` leaves. */
  #checkScaleDown(name: string, to: number, when: string): void {
    const { desired, unavailable } = this.#allowances();
    const { replicaSets, pods } = this.#cluster;
    const serving = (cap: (owner: string) => number): number =>
      [...replicaSets.keys()].reduce((sum, owner) => {
        const ready = pods.filter((pod) => pod.owner === owner && pod.ready).length;
        return sum + Math.min(ready, cap(owner));
      }, 0);
    const before = serving(() => Number.POSITIVE_INFINITY);
    const after = serving((owner) => (owner === name ? to : Number.POSITIVE_INFINITY));
    if (after < before && after < desired - unavailable)
      this.#call(`I3 ${after} of ${desired} pods serve after ${when}`);
  }

  #checkWeight(canaryWeight: number, maxWeight: number): void {
    const desired = this.#cluster.rollout.spec.replicas ?? 1;
    if (!Number.isInteger(canaryWeight) || canaryWeight < 0 || canaryWeight > maxWeight)
      this.#call(`I4 weight ${canaryWeight}`);
    const before = this.#cluster.routeWeight ?? 0;
    const canary = this.#cluster.available(this.#selected('web-canary'));
    const stable = this.#cluster.available(this.#selected('web-stable'));
    if (canaryWeight > before && (canaryWeight / maxWeight) * desired > canary) {
      this.#call(`I2 canary weight ${before} -> ${canaryWeight} with ${canary} pods of ${desired}`);
    }
    if (canaryWeight < before && canary > 0 && ((maxWeight - canaryWeight) / maxWeight) * desired > stable + 1) {
      this.#call(
        `I2 stable weight ${maxWeight - before} -> ${maxWeight - canaryWeight} with ${stable} pods of ${desired}`,
      );
    }
  }

  #selected(service: string): string | undefined {
    return this.#cluster.services.get(service)?.spec?.selector?.[POD_TEMPLATE_HASH_LABEL];
  }
}
