import { expect } from 'vitest';
import type { CanaryStrategy } from '../../../src/api/canary.ts';
import type { KubeObject, Pod, ReplicaSet } from '../../../src/api/core-types.ts';
import { REVISION_ANNOTATION } from '../../../src/api/keys.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { type Resource, ROLLOUTS } from '../../../src/kube/resources.ts';
import type { KubeRequest } from '../../../src/kube/transport.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import type { TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import { type StartOptions, TestCluster, type TestClusterOptions } from '../../support/test-cluster.ts';
import { isHealthy, isPausedAt, MINUTE, runningWeb, template, type WebOptions, web } from '../release/fixtures.ts';

/** What scenarios begin with, what people send, and how the outcome is read. */

export const RESUME = { status: { pauseConditions: null } };
export const ABORT = { status: { abort: true } };
export const RETRY = { status: { abort: false } };
export const PROMOTE_FULL = { status: { promoteFull: true } };

/** A release of a minute. */
export const TIMED = { steps: [{ setWeight: 50 }, { pause: { duration: '1m' } }] };

/** Everything on nginx's route is read from this annotation. */
export const WEIGHT = 'nginx.ingress.kubernetes.io/canary-weight';
const ROLLOUTS_COLLECTION = 'argoproj.io/rollouts';
export const HASH_LABEL = 'rollouts-pod-template-hash';

/** Version 2 waits at its first pause, by default with a quarter of the traffic. */
export async function pausedWeb(
  options: WebOptions = {},
  world: TestClusterOptions = {},
  extra: readonly KubeObject[] = [],
  start: StartOptions = {},
) {
  const running = await runningWeb(options, world, extra, start);
  const stable = hashOf((await running.cluster.rollout('web')).status?.stableRS);
  await running.cluster.apply(web({ ...options, image: 'v2' }));
  const paused = await running.cluster.until('web', isPausedAt(1), 3 * MINUTE);
  return { ...running, stable, canary: hashOf(paused.status?.currentPodHash) };
}

/** A canary without traffic routing: the number of pods stands for the weight. */
export function plain(replicas: number, canary: Partial<CanaryStrategy>, image = 'v1'): Rollout {
  return web({ image, spec: { replicas, strategy: { canary } } });
}

/** Version 1 of a plain canary runs. */
export async function runningPlain(rollout: Rollout, options: TestClusterOptions = {}) {
  const cluster = new TestCluster(options);
  cluster.startController();
  await cluster.apply(template('success'), rollout);
  await cluster.until('web', isHealthy, 3 * MINUTE);
  return cluster;
}

/** As an autoscaler asks for it. */
export function scaledTo(cluster: TestCluster, replicas: number): Promise<KubeObject> {
  const key = { namespace: 'default', name: 'web' };
  return cluster.client.patch(
    ROLLOUTS,
    key,
    { type: 'merge', patch: { spec: { replicas } } },
    { subresource: 'scale' },
  );
}

function hashOf(hash: string | undefined): string {
  if (hash === undefined) throw new Error('the status names no version');
  return hash;
}

/** Sizes asked for, the oldest revision first. */
export function sizes(cluster: TestCluster): readonly (number | undefined)[] {
  return cluster
    .stored<ReplicaSet>('apps/replicasets')
    .toSorted((left, right) => revisionOf(left) - revisionOf(right))
    .map(({ spec }) => spec?.replicas);
}

export function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[REVISION_ANNOTATION]);
}

/** Pods of a version, those that stop included. */
export function podsOf(cluster: TestCluster, hash: string): readonly Pod[] {
  return cluster.stored<Pod>('/pods').filter(({ metadata }) => metadata.labels?.[HASH_LABEL] === hash);
}

/** Serves, and is not told to stop. */
export function isReady({ metadata, status }: Pod): boolean {
  const isSaid = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  return metadata.deletionTimestamp === undefined && isSaid === true;
}

/** The weight on the canary Ingress; undefined without one. */
export function weightOn(cluster: TestCluster): string | undefined {
  return cluster.find('networking.k8s.io/ingresses', 'web-web-canary')?.metadata.annotations?.[WEIGHT];
}

/** Nothing is written any more, by anybody (invariant I6). */
export async function expectQuiet(cluster: TestCluster, forMs = 30 * MINUTE): Promise<void> {
  await cluster.clock.advanceBy(2 * MINUTE);
  const before = cluster.server.context.storage.revision;
  await cluster.clock.advanceBy(forMs);
  expect(cluster.server.context.storage.revision).toBe(before);
}

/** Every state of `web` from now on, as it was stored. */
export function recorded(cluster: TestCluster): readonly Rollout[] {
  const states: Rollout[] = [];
  cluster.server.context.storage.subscribe(({ collection, object }) => {
    if (collection === ROLLOUTS_COLLECTION && object.metadata.name === 'web') states.push(object as unknown as Rollout);
  });
  return states;
}

/** The texts of the Events about `web` with this reason. */
export function texts(cluster: TestCluster, reason: string): readonly string[] {
  return cluster.events
    .filter((event) => event.object === 'web' && event.reason === reason)
    .map(({ message }) => message);
}

/** Deletes by hand. */
export async function remove(cluster: TestCluster, resource: Resource, objects: readonly KubeObject[]): Promise<void> {
  for (const { metadata } of objects) {
    await cluster.client.delete(resource, { namespace: 'default', name: metadata.name ?? '' });
  }
}

export const isWatch = ({ query }: KubeRequest): boolean => query?.['watch'] === 'true';
export const isList = (request: KubeRequest): boolean =>
  request.method === 'GET' && request.path.endsWith('s') && !isWatch(request);

/** A watch that lags: what happens is told late, by as much as it says when it happens. */
export class Lag {
  ms = 0;
  readonly #only: (path: string) => boolean;

  /** @param only which watches lag, by the path of their request. */
  constructor(only: (path: string) => boolean = () => true) {
    this.#only = only;
  }

  /** @param clock asked for once there is an event, which is after the cluster was made. */
  hooks(clock: () => Clock): TransportHooks {
    return {
      event: async ({ request }) => {
        if (this.ms > 0 && this.#only(request.path)) await clock().sleep(this.ms);
      },
    };
  }
}
