import type { Rollout } from '../../../src/api/rollout.ts';
import { type Random, seededRandom } from '../../../src/simulator/random.ts';
import type { Lag } from '../../support/data-plane.ts';
import { INVARIANTS } from '../../support/invariants/table.ts';
import type { ProcessClock } from '../../support/process-clock.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import { Calm } from './calm.ts';
import { FinalRest } from './final-rest.ts';
import { SECRET_VALUE, surroundingsOf } from './manifests.ts';
import { Narrative } from './narrative.ts';
import { Network } from './network.ts';
import { passUntil } from './pass-until.ts';
import { Team } from './person.ts';
import { Pods } from './pods.ts';
import { Processes } from './processes.ts';
import { Prometheus } from './prometheus.ts';
import { Referee, type Violation } from './referee.ts';
import type { Entry, RolloutPlan, Scenario } from './scenario.ts';
import { secretLogger } from './secret-logger.ts';
import { Troubles } from './troubles.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The first versions have nothing to wait for but their pods. */
const FIRST_DEPLOY_MS = 3 * MINUTE;
/** After trouble with watches, what was lost comes with the next list. */
const RELIST_TAIL_MS = 3 * MINUTE;

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
  readonly #network: Network;
  readonly #pods: Pods;
  readonly #team: Team;
  readonly #referee: Referee;
  readonly #narrative: Narrative;
  readonly #prometheus: Prometheus;
  readonly #troubles: Troubles;
  readonly #processes: Processes;
  readonly #start: number;

  constructor(scenario: Scenario, { narrate = false }: { readonly narrate?: boolean } = {}) {
    const random = seededRandom(scenario.seed ^ POD_SEED);
    this.#scenario = scenario;
    this.#cluster = new TestCluster({
      seed: scenario.seed,
      endpointLagMs: scenario.sliceLagMs,
      prometheus: (query) => this.#prometheus.answer(query),
      logger: secretLogger((text) => this.#referee.call('I11', INVARIANTS.I11.check(text, SECRET_VALUE, text), 'log')),
      kubelet: { behaviour: (pod) => this.#behaviour(pod.spec?.containers?.[0]?.image ?? '', pod.metadata, random) },
    });
    const { clock } = this.#cluster;
    this.#start = clock.now();
    const calm = new Calm(clock);
    this.#narrative = new Narrative(clock, narrate);
    this.#pods = new Pods(this.#cluster);
    this.#referee = new Referee(this.#cluster, scenario, { calm, pods: this.#pods, narrative: this.#narrative });
    this.#team = new Team(this.#cluster);
    this.#network = new Network(clock);
    this.#troubles = new Troubles(clock, calm);
    const parts = { cluster: this.#cluster, scenario, referee: this.#referee };
    this.#prometheus = new Prometheus({ ...parts, pods: this.#pods });
    const surroundings = { network: this.#network, troubles: this.#troubles, narrative: this.#narrative };
    this.#processes = new Processes({ ...parts, ...surroundings });
  }

  async play(): Promise<WorldResult> {
    const { rollouts } = this.#scenario;
    this.#clocks.nodes.jump(this.#scenario.nodesAheadMs ?? 0);
    this.#processes.startAll();
    for (const plan of rollouts) await this.#cluster.apply(...surroundingsOf(plan));
    for (const plan of rollouts) await this.#team.act({ kind: 'deploy', rollout: plan.name, image: 'v1' }, plan);
    const areHealthy = () => rollouts.every(({ name }) => this.#find(name)?.status?.phase === 'Healthy');
    await passUntil(this.#cluster.clock, areHealthy, FIRST_DEPLOY_MS);
    // The last of its knowledge may still be on its way to the data plane.
    await this.#cluster.clock.advanceBy(this.#longestLag + 10 * SECOND);
    this.#referee.arm();
    await this.#playEntries();
    await this.#comeToRest();
    this.#processes.end();
    await this.#cluster.clock.advanceBy(MINUTE);
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
    this.#troubles.mendAll();
  }

  #play(entry: Entry): void {
    const { does } = entry;
    const random = seededRandom(this.#scenario.seed * ENTRY_SEED + entry.id);
    switch (does.kind) {
      case 'crash':
      case 'evict':
        this.#harmPods(does);
        break;
      case 'set-clock':
        this.#clocks[does.of].jump(does.byMs);
        break;
      case 'prometheus':
        this.#troubles.mendAfter(does.forMs, this.#prometheus.trouble(does.mode));
        break;
      case 'die':
      case 'freeze':
      case 'clock':
      case 'lose-lease':
        this.#processes.play(does, random);
        break;
      case 'compact':
        this.#cluster.server.context.storage.compact(this.#cluster.server.context.storage.revision);
        break;
      case 'api-away':
        this.#troubles.disturb(does.forMs, this.#network.open('api-away', 1, random), RELIST_TAIL_MS);
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
        this.#troubles.disturb(does.forMs, this.#network.open(does.kind, does.share, random), RELIST_TAIL_MS);
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

  #comeToRest(): Promise<void> {
    const parts = {
      cluster: this.#cluster,
      scenario: this.#scenario,
      processes: this.#processes,
      referee: this.#referee,
    };
    return new FinalRest({ ...parts, recoveryMs: RELIST_TAIL_MS }).come();
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
        crashes: this.#processes.crashes,
      },
    };
  }

  #behaviour(image: string, { name = '' }: { readonly name?: string }, random: Random) {
    const plan = this.#scenario.rollouts.find((each) => name.startsWith(`${each.name}-`));
    const version = plan?.versions[image.split(':')[1] ?? ''];
    const { readyAfter, stopsAfterMs = 0 } = version ?? {};
    return { readyAfterMs: readyAfter === undefined ? undefined : within(readyAfter, random), stopsAfterMs };
  }

  #planOf(name: string): RolloutPlan | undefined {
    return this.#scenario.rollouts.find((plan) => plan.name === name);
  }

  #find(name: string): Rollout | undefined {
    return this.#cluster.find<Rollout>('argoproj.io/rollouts', name);
  }

  get #clocks(): { readonly server: ProcessClock; readonly nodes: ProcessClock } {
    return { server: this.#cluster.serverClock, nodes: this.#cluster.nodeClock };
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
