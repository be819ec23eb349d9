import type { Rollout } from '../../../src/api/rollout.ts';
import type { KubeRequest } from '../../../src/kube/transport.ts';
import type { TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import { type Random, seededRandom } from '../../../src/simulator/random.ts';
import type { Logger } from '../../../src/telemetry/logger.ts';
import type { ControllerProcess } from '../../support/controller-process.ts';
import type { Lag } from '../../support/data-plane.ts';
import { INVARIANTS } from '../../support/invariants/table.ts';
import type { PrometheusAnswer } from '../../support/prometheus-stub.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import { Calm } from './calm.ts';
import { SECRET_VALUE, surroundingsOf } from './manifests.ts';
import { Narrative } from './narrative.ts';
import { Network } from './network.ts';
import { Team } from './person.ts';
import { Pods } from './pods.ts';
import { answerOf, isData } from './prometheus.ts';
import { Referee, type Violation } from './referee.ts';
import type { ControllerDeed, Entry, PrometheusMode, RolloutPlan, Scenario, Version } from './scenario.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The first versions have nothing to wait for but their pods. */
const FIRST_DEPLOY_MS = 3 * MINUTE;
/** After trouble with watches, what was lost comes with the next list: see `TIMING`. */
const RELIST_TAIL_MS = 3 * MINUTE;
/** Lost events are found by lists: here after a minute instead of the usual half an hour. */
const TIMING = { minWatchSeconds: 30, maxWatchSeconds: 60, relistMs: MINUTE };
const LOSSY: ReadonlySet<string> = new Set(['lose-events', 'reorder-events']);
/** A process that starts lists everything and, if it must, waits for an expiring lease. */
const START_TAIL_MS = 90 * SECOND;
const RESTART_AFTER_LOSS_MS = 2 * SECOND;
/** Besides pauses and deadlines, which the plan tells. */
const LIVENESS_MS = 15 * MINUTE;
const REST_MINUTES = 20;
/** Longer than most timed pauses and delays of a scale-down that are drawn. */
const MIN_STILL_MS = 6 * MINUTE;
const HOP_MS = 10 * SECOND;
/** Four times client-go's: renewals are most of what an idle pair of controllers does. */
const LEASE = { leaseMs: MINUTE, renewDeadlineMs: 40 * SECOND, retryMs: 8 * SECOND };
/** A scrape that is late has not seen what is younger. */
const LATE_SCRAPE_MS = MINUTE;
/** Answers smaller than the smallest bound of I12 need no closer look. */
const SMALL_BYTES = 20 * 1024;

/** What a world came to. */
export interface WorldResult {
  readonly violations: readonly Violation[];
  readonly narrative: readonly string[];
  /** Of the whole narrative. Two plays of one scenario have the same. */
  readonly digest: string;
  readonly stats: WorldStats;
}

export interface WorldStats {
  readonly virtualMs: number;
  readonly writes: number;
  readonly checks: number;
  readonly crashes: number;
}

/** Plays one scenario: real controllers, a simulated cluster, faults, people, and a referee who watches. */
export class World {
  readonly #scenario: Scenario;
  readonly #cluster: TestCluster;
  readonly #calm: Calm;
  readonly #network: Network;
  readonly #pods: Pods;
  readonly #team: Team;
  readonly #referee: Referee;
  readonly #narrative: Narrative;
  readonly #start: number;
  /** One for each slot of `controllers`. */
  readonly #processes: (ControllerProcess | undefined)[] = [];
  readonly #renewals = new Map<string, number>();
  /** How what is broken now is mended. */
  readonly #mends = new Set<() => void>();
  readonly #prometheusModes: PrometheusMode[] = [];
  readonly #canarySince = new Map<string, number>();
  #started = 0;
  #crashes = 0;
  #over = false;

  constructor(scenario: Scenario, { narrate = false }: { readonly narrate?: boolean } = {}) {
    const random = seededRandom(scenario.seed ^ POD_SEED);
    this.#scenario = scenario;
    this.#cluster = new TestCluster({
      seed: scenario.seed,
      endpointLagMs: scenario.sliceLagMs,
      prometheus: (query) => this.#answer(query),
      logger: secretLogger((text) => this.#referee.call('I11', INVARIANTS.I11.check(text, SECRET_VALUE, text), 'log')),
      kubelet: { behaviour: (pod) => this.#behaviour(pod.spec?.containers?.[0]?.image ?? '', pod.metadata, random) },
    });
    const { clock } = this.#cluster;
    this.#start = clock.now();
    this.#calm = new Calm(clock);
    this.#network = new Network(clock);
    this.#narrative = new Narrative(clock, narrate);
    this.#pods = new Pods(this.#cluster);
    this.#referee = new Referee(this.#cluster, scenario, {
      calm: this.#calm,
      pods: this.#pods,
      narrative: this.#narrative,
    });
    this.#team = new Team(this.#cluster);
  }

  async play(): Promise<WorldResult> {
    const { rollouts, controllers } = this.#scenario;
    for (let slot = 0; slot < controllers; slot += 1) this.#startProcess(slot);
    for (const plan of rollouts) await this.#cluster.apply(...surroundingsOf(plan));
    for (const plan of rollouts) await this.#team.act({ kind: 'deploy', rollout: plan.name, image: 'v1' }, plan);
    await this.#until(
      () => rollouts.every(({ name }) => this.#find(name)?.status?.phase === 'Healthy'),
      FIRST_DEPLOY_MS,
    );
    // The last of its knowledge may still be on its way to the data plane.
    await this.#cluster.clock.advanceBy(this.#longestLag + 10 * SECOND);
    this.#referee.arm();
    await this.#playEntries();
    await this.#comeToRest();
    await this.#end();
    return this.#result();
  }

  async #playEntries(): Promise<void> {
    const { clock } = this.#cluster;
    const begin = clock.now();
    for (const entry of this.#scenario.entries) {
      await clock.advanceTo(begin + entry.at);
      this.#narrative.tell(() => `>>> ${entry.id}: ${JSON.stringify(entry.does)}`);
      this.#play(entry);
    }
    const end = Math.max(0, ...this.#scenario.entries.map(({ at, does }) => at + ('forMs' in does ? does.forMs : 0)));
    await clock.advanceTo(begin + end + SECOND);
    this.#narrative.tell(() => '>>> from here on nothing goes wrong any more');
    for (const mend of Array.from(this.#mends)) mend();
  }

  #play(entry: Entry): void {
    const { does } = entry;
    const random = seededRandom(this.#scenario.seed * ENTRY_SEED + entry.id);
    switch (does.kind) {
      case 'crash':
      case 'evict':
        this.#harmPods(does);
        break;
      case 'prometheus':
        this.#prometheusModes.push(does.mode);
        this.#mendAfter(does.forMs, () => this.#prometheusModes.splice(this.#prometheusModes.indexOf(does.mode), 1));
        break;
      case 'die':
      case 'freeze':
      case 'clock':
      case 'lose-lease':
        this.#playController(does, random);
        break;
      case 'compact':
        this.#cluster.server.context.storage.compact(this.#cluster.server.context.storage.revision);
        break;
      case 'api-away':
        this.#disturb(does.forMs, this.#network.open('api-away', 1, random), RELIST_TAIL_MS);
        break;
      case 'lose-events':
      case 'delay-events':
      case 'repeat-events':
      case 'reorder-events':
      case 'break-watches':
      case 'conflict':
      case 'throttle':
      case 'server-error':
      case 'lose-requests':
      case 'lose-answers':
      case 'slow-requests':
        this.#disturb(does.forMs, this.#network.open(does.kind, does.share, random), RELIST_TAIL_MS);
        break;
      default:
        this.#teamwork(does);
    }
  }

  #teamwork(does: Parameters<Team['act']>[0]): void {
    const plan = this.#planOf(does.rollout);
    if (plan === undefined) return;
    this.#team.act(does, plan).catch((error: unknown) => this.#narrative.tell(() => `    refused: ${String(error)}`));
  }

  #harmPods(does: Extract<Entry['does'], { kind: 'crash' | 'evict' }>): void {
    const { status } = this.#find(does.rollout) ?? {};
    const hash = (does.side === 'stable' ? status?.stableRS : status?.currentPodHash) ?? '';
    this.#referee.harm(does.rollout);
    if (does.kind === 'evict') {
      this.#pods.evict(hash, does.count);
      return;
    }
    this.#pods.crash(hash, does.count, does.downMs);
    // Nothing else can take over for the stable version: it is harmed until its pods are back.
    this.#cluster.clock.schedule(does.downMs, () => this.#referee.harm(does.rollout));
  }

  #playController(does: ControllerDeed, random: Random): void {
    const slot = does.index % this.#scenario.controllers;
    const process = this.#processes[slot];
    if (process === undefined || process.dead) return;
    switch (does.kind) {
      case 'die':
        process.dieAfterWrite(process.writes.length + does.afterWrites, () => this.#died(slot, process, does.downMs));
        return;
      case 'freeze':
        process.clock.freeze();
        this.#disturb(does.forMs, () => process.clock.thaw(), START_TAIL_MS);
        return;
      case 'clock':
        process.clock.jump(does.byMs);
        return;
      case 'lose-lease':
        this.#disturb(does.forMs, this.#network.open('lose-lease', 1, random, process.name), START_TAIL_MS);
    }
  }

  #died(slot: number, process: ControllerProcess, downMs: number): void {
    this.#crashes += 1;
    this.#narrative.tell(() => `>>> ${process.name} dies`);
    this.#disturb(downMs, () => this.#startProcess(slot), START_TAIL_MS);
    this.#cluster.clock.schedule(0, () => process.kill());
  }

  #startProcess(slot: number): void {
    if (this.#over) return;
    this.#started += 1;
    const name = `controller-${this.#started}`;
    const { weightLag, endpointLag, controllers } = this.#scenario;
    const process = this.#cluster.startController({
      hooks: this.#watchWrites(name, this.#network.hooksOf(name)),
      ...(this.#scenario.entries.some(({ does }) => LOSSY.has(does.kind)) ? { timing: TIMING } : {}),
      routers: { nginxPropagationMs: Math.max(weightLag.maxMs, endpointLag.maxMs) + SECOND },
      ...(controllers === 1 ? {} : { identity: name, leaseTiming: LEASE }),
    });
    this.#processes[slot] = process;
    this.#narrative.tell(() => `>>> ${name} starts`);
    void process.ended.then((how) => {
      if (how !== 'lost' || this.#over) return;
      this.#narrative.tell(() => `>>> ${name} has lost the lease and exits`);
      this.#cluster.clock.schedule(RESTART_AFTER_LOSS_MS, () => this.#startProcess(slot));
    });
  }

  /** Invariants about what a process sends and is told. */
  #watchWrites(name: string, hooks: TransportHooks): TransportHooks {
    const sentAt = new WeakMap<KubeRequest, number>();
    return {
      ...hooks,
      before: (request) => {
        if (request.method !== 'GET') this.#sends(name, request, sentAt);
        return hooks.before?.(request);
      },
      after: (request, response) => {
        const { body } = response;
        if (request.priority === 'lease' && request.method !== 'GET' && response.status < 300)
          this.#renewals.set(name, sentAt.get(request) ?? 0);
        if (request.method !== 'GET' && (request.method === 'POST' || body.length >= SMALL_BYTES))
          this.#referee.call('I12', INVARIANTS.I12.check(JSON.parse(body)), request.path);
        return hooks.after?.(request, response);
      },
    };
  }

  #sends(name: string, request: KubeRequest, sentAt: WeakMap<KubeRequest, number>): void {
    const now = this.#cluster.clock.monotonic();
    sentAt.set(request, now);
    const body = typeof request.body === 'string' ? request.body : '';
    this.#referee.call('I11', INVARIANTS.I11.check(body, SECRET_VALUE, request.path), name);
    if (request.priority === 'lease' || this.#scenario.controllers === 1) return;
    const sender = { name, renewedAt: this.#renewals.get(name), now, leaseMs: LEASE.leaseMs };
    this.#referee.call('I7', INVARIANTS.I7.check(sender), request.path);
  }

  /** Keeps the controllers from their work for a while, and a little longer until they have recovered. */
  #disturb(forMs: number, mend: () => void, tailMs: number): void {
    const calm = this.#calm.disturb();
    this.#mendAfter(forMs, () => {
      mend();
      this.#cluster.clock.schedule(tailMs, calm);
    });
  }

  #mendAfter(forMs: number, mend: () => void): void {
    const once = (): void => {
      if (this.#mends.delete(once)) mend();
    };
    this.#mends.add(once);
    this.#cluster.clock.schedule(forMs, once);
  }

  async #comeToRest(): Promise<void> {
    const { rollouts } = this.#scenario;
    const waiting = () => rollouts.flatMap(({ name }) => this.#unsettled(name) ?? []);
    const stillMs = Math.max(MIN_STILL_MS, ...rollouts.map((plan) => longestWaitOf(plan) + MINUTE));
    const bound = LIVENESS_MS + Math.max(...rollouts.map(patienceOf)) + RELIST_TAIL_MS + stillMs;
    const isAtRest = this.#stillness(stillMs);
    await this.#until(() => isAtRest() && waiting().length === 0, bound);
    this.#referee.call('L', waiting(), 'in the end');
    if (waiting().length > 0) return;
    await this.#rest();
    this.#referee.call('L', waiting(), 'at rest');
  }

  /** Tells whether the controllers have written nothing for so long. */
  #stillness(stillMs: number): () => boolean {
    const { clock } = this.#cluster;
    let writes = -1;
    let since = clock.now();
    return () => {
      if (writes !== this.#referee.unprovokedWrites) since = clock.now();
      writes = this.#referee.unprovokedWrites;
      return clock.now() - since >= stillMs;
    };
  }

  async #rest(): Promise<void> {
    // One that waits for pods to be known takes a step whenever a clock that is behind has caught up.
    if (this.#scenario.rollouts.some(({ name }) => this.#isRestarting(name))) return;
    const before = this.#passes();
    const noted = this.#referee.unprovokedWrites;
    const { restMinutes: minutes = REST_MINUTES } = this.#scenario;
    await this.#cluster.clock.advanceBy(minutes * MINUTE);
    const after = this.#passes();
    const passes = new Map([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)]));
    const writes = this.#referee.unprovokedWrites - noted;
    const rest = { writes, lastWrite: this.#referee.lastWrite(), minutes, passes };
    this.#referee.call('I6', INVARIANTS.I6.check(rest), 'at rest');
  }

  #passes(): ReadonlyMap<string, number> {
    const texts = this.#processes.map((process) => process?.metrics.expose() ?? '').join('\n');
    const pattern = /^rollout_reconcile_count\{.*?name="([^"]+)"\} (\d+)/gm;
    return new Map([...texts.matchAll(pattern)].map(([, name = '', count]) => [name, Number(count)]));
  }

  async #end(): Promise<void> {
    this.#over = true;
    for (const process of this.#processes) {
      if (process === undefined) continue;
      const exposed = process.metrics.expose();
      this.#referee.call('I11', INVARIANTS.I11.check(exposed, SECRET_VALUE, 'the metrics'), process.name);
      process.kill();
    }
    await this.#cluster.clock.advanceBy(MINUTE);
  }

  #result(): WorldResult {
    return {
      violations: this.#referee.violations,
      narrative: this.#narrative.lines,
      digest: this.#narrative.digest(),
      stats: {
        virtualMs: this.#cluster.clock.now() - this.#start,
        writes: this.#referee.writes,
        checks: this.#referee.checks,
        crashes: this.#crashes,
      },
    };
  }

  #isRestarting(name: string): boolean {
    const { spec, status } = this.#find(name) ?? {};
    return spec?.restartAt !== undefined && spec.restartAt !== status?.restartedAt;
  }

  #unsettled(name: string): string | undefined {
    const rollout = this.#find(name);
    return rollout === undefined ? `${name} is gone` : INVARIANTS.L.check(rollout);
  }

  async #until(condition: () => boolean, limitMs: number): Promise<void> {
    const { clock } = this.#cluster;
    const limit = clock.now() + limitMs;
    while (!condition() && clock.now() < limit) await clock.advanceBy(HOP_MS);
  }

  #behaviour(image: string, { name = '' }: { readonly name?: string }, random: Random) {
    const plan = this.#scenario.rollouts.find((each) => name.startsWith(`${each.name}-`));
    const version = plan?.versions[image.split(':')[1] ?? ''];
    const { readyAfter, stopsAfterMs = 0 } = version ?? {};
    return { readyAfterMs: readyAfter === undefined ? undefined : within(readyAfter, random), stopsAfterMs };
  }

  /** Prometheus knows what the data plane sends to the newest version. */
  #answer(query: string): PrometheusAnswer {
    const name = /app="([^"]+)"/.exec(query)?.[1] ?? '';
    const { currentPodHash = '', stableRS } = this.#find(name)?.status ?? {};
    const plan = this.#planOf(name);
    const version = currentPodHash === stableRS ? undefined : this.#versionOf(plan, currentPodHash);
    const share = this.#referee.dataPlaneOf(name)?.shares.get(currentPodHash) ?? 0;
    const isServing = plan?.routed === true ? share > 0 : this.#pods.available(currentPodHash) > 0;
    const key = `${name} ${currentPodHash}`;
    if (isServing && !this.#canarySince.has(key)) this.#canarySince.set(key, this.#cluster.clock.now());
    const since = this.#canarySince.get(key) ?? this.#cluster.clock.now();
    const isOldNews = this.#cluster.clock.now() - since >= LATE_SCRAPE_MS;
    const answer = answerOf(this.#prometheusModes.at(-1), isServing ? version?.successRate : undefined, isOldNews);
    if (isData(answer)) this.#referee.measured(name, currentPodHash);
    return answer;
  }

  #versionOf(plan: RolloutPlan | undefined, hash: string): Version | undefined {
    const image = this.#pods.imageOf(hash);
    return image === undefined ? undefined : plan?.versions[image.split(':')[1] ?? ''];
  }

  #planOf(name: string): RolloutPlan | undefined {
    return this.#scenario.rollouts.find((plan) => plan.name === name);
  }

  #find(name: string): Rollout | undefined {
    return this.#cluster.find<Rollout>('argoproj.io/rollouts', name);
  }

  get #longestLag(): number {
    const { weightLag, endpointLag, sliceLagMs } = this.#scenario;
    return Math.max(weightLag.maxMs, endpointLag.maxMs) + sliceLagMs;
  }
}

/** Apart from each other, so that two uses of one seed do not draw the same. */
const POD_SEED = 0x9e3779b9;
const ENTRY_SEED = 7_919;

function within({ minMs, maxMs }: Lag, random: Random): number {
  return Math.round(minMs + random() * (maxMs - minMs));
}

/** What the steps of a Rollout may take when nothing goes wrong. */
function patienceOf({ steps, progressDeadlineSeconds }: RolloutPlan): number {
  const pauses = steps.map(({ pause }) => Number.parseInt(String(pause?.duration ?? 0), 10) * SECOND);
  const timeouts = steps.filter(({ pause }) => pause?.timeout !== undefined).length * 3 * MINUTE;
  return pauses.reduce((sum, each) => sum + each, 0) + timeouts + 3 * progressDeadlineSeconds * SECOND;
}

/** The longest time in which nothing but a timer of a Rollout has to do anything. */
function longestWaitOf({ steps, scaleDownDelaySeconds = 0, abortScaleDownDelaySeconds = 0 }: RolloutPlan): number {
  const pauses = steps.map(({ pause }) => Number.parseInt(String(pause?.duration ?? 0), 10));
  return Math.max(...pauses, scaleDownDelaySeconds, abortScaleDownDelaySeconds) * SECOND;
}

/** Hands every line with its fields to `look`. */
function secretLogger(look: (text: string) => void): Logger {
  const line = (fields: object, message: string): void => look(`${message} ${JSON.stringify(fields, withErrors)}`);
  const logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: line,
    error: line,
    child: () => logger,
  };
  return logger;
}

/** Errors have no enumerable properties of their own. */
function withErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.message} ${JSON.stringify(value.cause, withErrors) ?? ''}` : value;
}
