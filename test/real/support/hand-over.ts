import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';
import type { KubeObject, ReplicaSet, Service } from '../../../src/api/core-types.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { INGRESSES, PODS, REPLICA_SETS, type Resource, ROLLOUTS, SERVICES } from '../../../src/kube/resources.ts';
import type { Child } from '../../../src/sandbox/process-group.ts';
import { type AuditEvent, describeRequest, isWrite } from '../../support/audit-log.ts';
import { imageOf } from './applications.ts';
import { argoPlugin } from './argo-rollouts.ts';
import type { RealCluster } from './real-cluster.ts';

/** How long a controller is watched after its first pass over every Rollout. */
const WATCHED_MS = 4_000;
/** A busy machine starts pods slowly. */
const LIMIT_MS = 180_000;
/** For `vi.waitUntil`. */
export const POLL = { timeout: LIMIT_MS, interval: 200 };
const NAMESPACE = 'default';
const HASH = 'rollouts-pod-template-hash';
const DEADLINE = 'scale-down-deadline';
/** What users are served by. */
const SERVING: readonly Resource[] = [PODS, REPLICA_SETS, SERVICES, INGRESSES];

export interface FirstWrites {
  readonly child: Child;
  /** `patch services web-canary`, of everything but Events and AnalysisRuns. */
  readonly writes: readonly string[];
}

/** What tests of a hand-over between two controllers look at and do. All of it is in namespace `default`. */
export class HandOver {
  readonly #cluster: RealCluster;

  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
  }

  /** Waits until a Rollout is as asked. */
  async until(name: string, condition: (rollout: Rollout) => boolean): Promise<Rollout> {
    const key = { namespace: NAMESPACE, name };
    const isSo = (object: Rollout | undefined): boolean => object !== undefined && condition(object);
    return (await this.#cluster.until<Rollout>(ROLLOUTS, key, isSo, LIMIT_MS))!;
  }

  list<T extends KubeObject>(resource: Resource): Promise<readonly T[]> {
    return this.#cluster.client.list<T>(resource, NAMESPACE);
  }

  get<T extends KubeObject>(resource: Resource, name: string): Promise<T> {
    return this.#cluster.client.get<T>(resource, { namespace: NAMESPACE, name });
  }

  /** Runs a command of Argo Rollouts' plugin that has to succeed. */
  async plugin(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await argoPlugin(this.#cluster, args);
    if (code !== 0) throw new Error(`kubectl argo rollouts ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  update(name: string, version: number): Promise<string> {
    return this.plugin('set', 'image', name, `app=${imageOf(version)}`);
  }

  /** Everything that serves users, as it is stored. */
  async serving(): Promise<readonly string[]> {
    const lists = await Promise.all(SERVING.map((resource) => this.list(resource)));
    return lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`);
  }

  /** Resolves when the pods of all earlier versions have gone. */
  async drained(name: string): Promise<void> {
    const { status } = await this.until(name, () => true);
    const isGone = ({ metadata, spec }: ReplicaSet): boolean =>
      metadata.labels?.[HASH] === status?.currentPodHash || spec?.replicas === 0;
    await vi.waitUntil(async () => (await this.#replicaSets(name)).every(isGone), POLL);
  }

  /** Resolves when a ReplicaSet of the Rollout is to be scaled down later; `newest`: the one that the spec asks for. */
  async deadline(name: string, newest: boolean): Promise<void> {
    const { status } = await this.until(name, () => true);
    const isDelayed = ({ metadata: { annotations, labels } }: ReplicaSet): boolean =>
      annotations?.[DEADLINE] !== undefined && (labels?.[HASH] === status?.currentPodHash) === newest;
    await vi.waitUntil(async () => (await this.#replicaSets(name)).some(isDelayed), POLL);
  }

  /** Makes that later time now. */
  async fallDue(name: string): Promise<void> {
    const delayed = (await this.#replicaSets(name)).filter(({ metadata }) => metadata.annotations?.[DEADLINE]);
    if (delayed.length === 0) throw new Error(`no ReplicaSet of ${name} is to be scaled down later`);
    const patch = { metadata: { annotations: { [DEADLINE]: new Date().toISOString().replace(/\.\d+Z$/, 'Z') } } };
    for (const { metadata } of delayed) {
      const key = { namespace: NAMESPACE, name: metadata.name ?? '' };
      await this.#cluster.client.patch(REPLICA_SETS, key, { type: 'merge', patch });
    }
  }

  async #replicaSets(name: string): Promise<readonly ReplicaSet[]> {
    const all = await this.list<ReplicaSet>(REPLICA_SETS);
    return all.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === name);
  }

  /** Sizes of the ReplicaSets of a Rollout by revision. */
  async sizes(name: string): Promise<Readonly<Record<string, number>>> {
    const owned = await this.#replicaSets(name);
    const revision = 'rollout.argoproj.io/revision';
    return Object.fromEntries(
      owned.map(({ metadata, spec }) => [metadata.annotations?.[revision], spec?.replicas ?? 1]),
    );
  }

  async podNames(): Promise<readonly string[]> {
    return (await this.list(PODS)).map(({ metadata }) => metadata.name ?? '');
  }

  /** Which version a Service selects. */
  async selected(service: string): Promise<string | undefined> {
    return (await this.get<Service>(SERVICES, service)).spec?.selector?.[HASH];
  }

  /** What a controller writes from its start until it has looked at every Rollout, and for a while after. */
  async firstWrites(agent: string, start: () => Child): Promise<FirstWrites> {
    const before = this.#cluster.audit().length;
    const child = start();
    const writes = (): readonly AuditEvent[] =>
      this.#cluster
        .audit()
        .slice(before)
        .filter((event) => event.userAgent?.startsWith(agent) === true && isWrite(event));
    const names = (await this.list<Rollout>(ROLLOUTS)).map(({ metadata }) => metadata.name ?? '');
    // Both tell each Rollout by an Event that they have begun to look after it.
    await vi.waitUntil(() => names.every((name) => writes().some((event) => isEventOf(event, name))), POLL);
    await sleep(WATCHED_MS);
    const others = writes().filter(({ objectRef }) => !['events', 'analysisruns'].includes(objectRef?.resource ?? ''));
    const described = others.map((event) => `${describeRequest(event)} ${event.objectRef?.name ?? ''}`);
    return { child, writes: [...new Set(described)] };
  }
}

/** Events are named after their object. */
function isEventOf({ objectRef }: AuditEvent, name: string): boolean {
  return objectRef?.resource === 'events' && objectRef.name?.startsWith(`${name}.`) === true;
}

/** At rest, and not only because the controller has not seen the new version yet. */
export function isHealthy({ status, metadata }: Rollout): boolean {
  return status?.phase === 'Healthy' && status.observedGeneration === String(metadata.generation);
}

export function isPausedAt(step: number): (rollout: Rollout) => boolean {
  return ({ status, metadata }) =>
    status?.phase === 'Paused' &&
    status.currentStepIndex === step &&
    status.observedGeneration === String(metadata.generation);
}

export function isAborted({ status }: Rollout): boolean {
  return status?.phase === 'Degraded' && status.abort === true;
}
