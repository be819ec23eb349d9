import type { AnalysisTemplate } from '../../src/api/analysis.ts';
import type { Pod } from '../../src/api/core-types.ts';
import type { RolloutSpec, RolloutStatus } from '../../src/api/rollout.ts';
import type { RolloutDuration } from '../../src/api/rollout-status.ts';
import type { EpochMs } from '../../src/api/time.ts';
import type { Action } from '../../src/core/rollout/action.ts';
import { describeAction } from '../../src/core/rollout/describe-action.ts';
import { type ObservedRollout, type ServiceEndpoints, templateKey } from '../../src/core/rollout/observed.ts';
import type { Plan } from '../../src/core/rollout/plan.ts';
import { planRollout } from '../../src/core/rollout/plan-rollout.ts';
import { deepEqual } from '../../src/core/values/deep-equal.ts';
import type { JsonObject } from '../../src/core/values/json.ts';
import { applyMergePatch, mergePatchBetween } from '../../src/core/values/merge-patch.ts';
import { formatTimestamp } from '../../src/core/values/rfc3339.ts';
import { Endpoints } from './tiny-world/endpoints.ts';
import { perform } from './tiny-world/perform.ts';
import { TinyReferee } from './tiny-world/referee.ts';
import { runReplicaSets } from './tiny-world/replica-sets.ts';
import type { Stage } from './tiny-world/stage.ts';
import { Storyteller } from './tiny-world/storyteller.ts';
import { type ClusterOptions, TinyCluster, type TinyPod } from './tiny-world/tiny-cluster.ts';
import { withImage } from './tiny-world/with-image.ts';

const MAX_PASSES_WITHOUT_TIME = 40;

export interface WorldOptions extends ClusterOptions {
  /** A number in 0…1; decides the order of actors and which writes fail. */
  readonly random?: () => number;
  /** Chance that a write fails. */
  readonly failureChance?: number;
  /** The controller dies right after so many writes in all, and starts again. */
  readonly dies?: Death;
}

export interface Death {
  readonly afterWrite: number;
  readonly downMs: number;
}

/**
 * The planner at work in a tiny cluster, as the controller runs it: observe, plan, apply. Every write and every change of
 * the data plane is checked against the invariants.
 */
export class TinyWorld extends TinyCluster implements Stage {
  readonly violations: string[] = [];
  /** Reasons of all events so far. */
  readonly reasons: string[] = [];
  /** Reasons of events that nobody got to hear: the process died between the write that they tell of and them. */
  readonly unheard: string[] = [];
  /** Every change of the status that was stored, as a merge patch. */
  readonly statusPatches: JsonObject[] = [];
  /** Attempts at updates that plans ended, once their status was stored. */
  readonly endedAttempts: RolloutDuration[] = [];
  /** Of the controller. */
  writes = 0;
  readonly #options: WorldOptions;
  readonly #endpoints = new Endpoints(this);
  readonly #storyteller = new Storyteller(this);
  readonly #referee = new TinyReferee(this, (breach) =>
    this.violations.push(`${this.#storyteller.clock()} ${this.#storyteller.readable(breach)}`),
  );
  #wakeAt: EpochMs | undefined;
  #downUntil = Number.NEGATIVE_INFINITY;
  #lastPhase = '';

  constructor(options: WorldOptions) {
    super(options);
    this.#options = options;
    this.#storyteller.say(`apply ${this.rollout.spec.template?.spec?.containers[0]?.image ?? ''}`);
  }

  // ---- what people do ----

  edit(what: string, change: (spec: RolloutSpec) => RolloutSpec): void {
    const { metadata } = this.rollout;
    const generation = (metadata.generation ?? 0) + 1;
    this.rollout = { ...this.rollout, metadata: { ...metadata, generation }, spec: change(this.rollout.spec) };
    this.#storyteller.say(what);
  }

  image(image: string): void {
    this.edit(`apply ${image}`, (spec) => withImage(spec, image));
  }

  order(what: string, patch: JsonObject): void {
    const status = applyMergePatch(asJson(this.rollout.status), patch);
    this.rollout = { ...this.rollout, status: status as RolloutStatus };
    this.#storyteller.say(what);
  }

  promote(): void {
    this.order('promote', { pauseConditions: null });
  }

  abort(): void {
    this.order('abort', { abort: true });
  }

  retry(): void {
    this.order('retry', { abort: null });
  }

  killPods(image: string): void {
    this.outage = true;
    this.#storyteller.say(`all pods of ${image} die`);
    const hash = [...this.versions].find(([, version]) => version === image)?.[0];
    this.pods = this.pods.filter((pod) => pod.hash !== hash);
  }

  scale(replicas: number): void {
    this.#referee.scaled();
    this.edit(`scale to ${replicas}`, (spec) => ({ ...spec, replicas }));
  }

  addTemplate(template: AnalysisTemplate): void {
    this.templates.set(templateKey(template.metadata.name!, false), template);
    this.#storyteller.say(`add AnalysisTemplate ${template.metadata.name!}`);
  }

  timestamp(): string {
    return formatTimestamp(this.now);
  }

  comment(text: string): void {
    this.#storyteller.comment(text);
  }

  story(): string {
    return this.#storyteller.text();
  }

  // ---- time ----

  /** Lets everything happen that happens without time passing, then time itself, for so long. */
  run(milliseconds: number): void {
    const end = this.now + milliseconds;
    this.settle();
    for (let next = this.#nextMoment(); next !== undefined && next <= end; next = this.#nextMoment()) {
      this.now = Math.max(this.now, next);
      if (this.#wakeAt !== undefined && this.#wakeAt <= this.now) this.#wakeAt = undefined;
      this.fire(() => this.#referee.check('data plane'));
      this.settle();
    }
    this.now = Math.max(this.now, end);
    this.settle();
  }

  #nextMoment(): EpochMs | undefined {
    const moments = [this.nextTimer(), this.#wakeAt].filter((moment) => moment !== undefined);
    return moments.length === 0 ? undefined : Math.min(...moments);
  }

  /** Runs the actors, in a random order where one is given, until none has anything to do. */
  settle(): void {
    const actors = [() => this.#controllerPass(), () => runReplicaSets(this), () => this.#endpoints.run()];
    const { random } = this.#options;
    const rested = new Set<() => boolean>();
    for (let passes = 0; rested.size < actors.length; passes += 1) {
      if (passes > MAX_PASSES_WITHOUT_TIME * actors.length) throw new Error(`no rest:\n${this.story()}`);
      const index = random === undefined ? passes % actors.length : Math.floor(random() * actors.length);
      const actor = actors[index]!;
      if (actor()) rested.clear();
      else rested.add(actor);
    }
  }

  // ---- the controller ----

  observe(): ObservedRollout {
    const endpoints = new Map<string, ServiceEndpoints>(
      [...this.services.keys()].map((name) => {
        const hashes = (this.endpoints.get(name) ?? []).map((uid) => uid.split('/')[0]!);
        const readyByHash = new Map(
          [...Map.groupBy(hashes, (hash) => hash)].map(([hash, { length }]) => [hash, length]),
        );
        return [name, { readyByHash, readyForeign: 0 }] as const;
      }),
    );
    return {
      rollout: this.rollout,
      replicaSets: [...this.replicaSets.values()],
      analysisRuns: [...this.analysisRuns.values()],
      services: this.services,
      endpoints,
      ingresses: this.ingresses,
      templates: this.templates,
      pods: this.pods.map(podObject),
      routers: this.isRouted ? [this.#router()] : [],
      lastFailures: [],
      instanceId: '',
    };
  }

  #router(): ObservedRollout['routers'][number] {
    return {
      type: 'Nginx',
      weight: this.routeWeight,
      verified: null,
      propagationMs: this.routerLagMs,
      allowsEmptyBackend: false,
      ...(this.routerProblem === undefined ? {} : { problem: this.routerProblem }),
    };
  }

  plan(): Plan {
    return planRollout(this.observe(), this.now);
  }

  /** Whether it did anything. */
  #controllerPass(): boolean {
    if (this.now < this.#downUntil) return false;
    const plan = this.plan();
    this.#wakeAt = plan.requeueAt;
    if (plan.actions.length === 0 && deepEqual(this.rollout.status ?? {}, plan.status)) return false;
    for (const action of plan.actions) {
      if (this.#apply(action)) return true;
    }
    if (this.#writeFails()) return true;
    const isDead = this.#storeStatus(plan);
    const heard = isDead ? this.unheard : this.reasons;
    heard.push(...plan.events.map(({ reason }) => reason));
    if (isDead) return true;
    if (plan.endedAttempt !== undefined) this.endedAttempts.push(plan.endedAttempt);
    this.#tellOf(plan);
    return true;
  }

  #writeFails(): boolean {
    const { random, failureChance = 0 } = this.#options;
    return random !== undefined && random() < failureChance;
  }

  /** Whether the controller has died of it. */
  #apply(action: Action): boolean {
    if (this.#writeFails()) return false;
    this.#storyteller.tell(`  > ${describeAction(action)}`);
    this.#referee.checkWrite(action);
    perform(this, action);
    this.#referee.check(describeAction(action));
    return this.#wrote();
  }

  /** Whether the controller has died of it. */
  #storeStatus(plan: Plan): boolean {
    const before = this.rollout.status ?? {};
    const patch = mergePatchBetween(before, plan.status);
    if (patch === undefined) return false;
    this.statusPatches.push(patch);
    if (Object.keys(patch).join(',') === 'duration')
      this.violations.push(`${this.#storyteller.clock()} a write that tells of nothing but the duration`);
    this.rollout = { ...this.rollout, status: applyMergePatch(asJson(before), patch) as RolloutStatus };
    this.#referee.checkPromotion(before.stableRS);
    this.#referee.check('status');
    return this.#wrote();
  }

  #wrote(): boolean {
    this.writes += 1;
    const { dies } = this.#options;
    if (this.writes !== dies?.afterWrite) return false;
    this.#downUntil = this.now + dies.downMs;
    // Its timers are gone with it; when it starts, it looks.
    this.#wakeAt = this.#downUntil;
    return true;
  }

  #tellOf({ events, status }: Plan): void {
    const { phase, message = '' } = status;
    for (const event of events) this.#storyteller.tell(`  ! ${event.reason}: ${event.message}`);
    const text = `${phase ?? ''}${message === '' ? '' : ` - ${message}`}`;
    if (text !== this.#lastPhase) this.#storyteller.tell(`  = ${text}`);
    this.#lastPhase = text;
  }
}

function podObject(pod: TinyPod): Pod {
  const condition = { type: 'Ready', status: pod.ready ? 'True' : 'False' };
  return {
    metadata: {
      name: pod.name,
      uid: pod.uid,
      labels: { ...pod.labels },
      creationTimestamp: formatTimestamp(pod.createdAt),
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: pod.owner, uid: `${pod.owner}-uid`, controller: true },
      ],
    },
    status: { phase: 'Running', conditions: [condition] },
  };
}

function asJson(value: object | undefined): JsonObject {
  return (value ?? {}) as unknown as JsonObject;
}
