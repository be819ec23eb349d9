import type { KubeRequest } from '../../../src/kube/transport.ts';
import type { TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import type { Random } from '../../../src/simulator/random.ts';
import type { ControllerProcess } from '../../support/controller-process.ts';
import { INVARIANTS } from '../../support/invariants/table.ts';
import type { TestCluster } from '../../support/test-cluster.ts';
import { SECRET_VALUE } from './manifests.ts';
import type { Narrative } from './narrative.ts';
import type { Network } from './network.ts';
import type { Referee } from './referee.ts';
import type { ControllerDeed, Scenario } from './scenario.ts';
import type { Troubles } from './troubles.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Lost events are found by lists: here after a minute instead of the usual half an hour. */
const TIMING = { minWatchSeconds: 30, maxWatchSeconds: 60, relistMs: MINUTE };
const LOSSY: ReadonlySet<string> = new Set(['lose-events', 'reorder-events']);
/** A process that starts lists everything and, if it must, waits for an expiring lease. */
const START_TAIL_MS = 90 * SECOND;
const RESTART_AFTER_LOSS_MS = 2 * SECOND;
/** Four times client-go's: renewals are most of what an idle pair of controllers does. */
const LEASE = { leaseMs: MINUTE, renewDeadlineMs: 40 * SECOND, retryMs: 8 * SECOND };
/** Answers smaller than the smallest bound of I12 need no closer look. */
const SMALL_BYTES = 20 * 1024;

export interface ProcessesOptions {
  readonly cluster: TestCluster;
  readonly scenario: Scenario;
  readonly network: Network;
  readonly troubles: Troubles;
  readonly narrative: Narrative;
  readonly referee: Referee;
}

/** The controllers of a world: they start, die, freeze, lose the lease, and are watched in what they send. */
export class Processes {
  readonly #options: ProcessesOptions;
  /** One for each slot of `controllers`. */
  readonly #processes: (ControllerProcess | undefined)[] = [];
  /** By how much the wall clock of each machine is ahead, milliseconds. */
  readonly #skews: number[] = [];
  readonly #renewals = new Map<string, number>();
  #started = 0;
  #crashes = 0;
  #over = false;

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /** How often one died. */
  get crashes(): number {
    return this.#crashes;
  }

  startAll(): void {
    for (let slot = 0; slot < this.#options.scenario.controllers; slot += 1) this.#start(slot);
  }

  play(does: ControllerDeed, random: Random): void {
    const { scenario, network, troubles } = this.#options;
    const slot = does.index % scenario.controllers;
    const process = this.#processes[slot];
    if (process === undefined || process.dead) return;
    switch (does.kind) {
      case 'die':
        process.dieAfterWrite(process.writes.length + does.afterWrites, () => this.#died(slot, process, does.downMs));
        return;
      case 'freeze':
        process.clock.freeze();
        troubles.disturb(does.forMs, () => process.clock.thaw(), START_TAIL_MS);
        return;
      case 'clock':
        this.#skews[slot] = (this.#skews[slot] ?? 0) + does.byMs;
        process.clock.jump(does.byMs);
        return;
      case 'lose-lease':
        troubles.disturb(does.forMs, network.open('lose-lease', 1, random, process.name), START_TAIL_MS);
    }
  }

  /** Passes over each Rollout so far, by those that run now. */
  passes(): ReadonlyMap<string, number> {
    const texts = this.#processes.map((process) => process?.metrics.expose() ?? '').join('\n');
    const pattern = /^rollout_reconcile_count\{.*?name="([^"]+)"\} (\d+)/gm;
    return new Map([...texts.matchAll(pattern)].map(([, name = '', count]) => [name, Number(count)]));
  }

  end(): void {
    this.#over = true;
    for (const process of this.#processes) {
      if (process === undefined) continue;
      const exposed = process.metrics.expose();
      this.#options.referee.call('I11', INVARIANTS.I11.check(exposed, SECRET_VALUE, 'the metrics'), process.name);
      process.kill();
    }
  }

  #start(slot: number): void {
    if (this.#over) return;
    const { cluster, scenario, network, narrative } = this.#options;
    this.#started += 1;
    const name = `controller-${this.#started}`;
    const { weightLag, endpointLag, controllers, entries } = scenario;
    const process = cluster.startController({
      hooks: this.#watchWrites(name, network.hooksOf(name)),
      skewMs: this.#skews[slot] ?? 0,
      ...(entries.some(({ does }) => LOSSY.has(does.kind)) ? { timing: TIMING } : {}),
      routers: { nginxPropagationMs: Math.max(weightLag.maxMs, endpointLag.maxMs) + SECOND },
      ...(controllers === 1 ? {} : { identity: name, leaseTiming: LEASE }),
    });
    this.#processes[slot] = process;
    narrative.tell(() => `>>> ${name} starts`);
    void process.ended.then((how) => {
      if (how !== 'lost' || this.#over) return;
      narrative.tell(() => `>>> ${name} has lost the lease and exits`);
      cluster.clock.schedule(RESTART_AFTER_LOSS_MS, () => this.#start(slot));
    });
  }

  #died(slot: number, process: ControllerProcess, downMs: number): void {
    const { cluster, narrative, troubles } = this.#options;
    this.#crashes += 1;
    narrative.tell(() => `>>> ${process.name} dies`);
    troubles.disturb(downMs, () => this.#start(slot), START_TAIL_MS);
    cluster.clock.schedule(0, () => process.kill());
  }

  /** Invariants about what a process sends and is told. */
  #watchWrites(name: string, hooks: TransportHooks): TransportHooks {
    const { referee } = this.#options;
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
          referee.call('I12', INVARIANTS.I12.check(JSON.parse(body)), request.path);
        return hooks.after?.(request, response);
      },
    };
  }

  #sends(name: string, request: KubeRequest, sentAt: WeakMap<KubeRequest, number>): void {
    const { cluster, scenario, referee } = this.#options;
    const now = cluster.clock.monotonic();
    sentAt.set(request, now);
    const body = typeof request.body === 'string' ? request.body : '';
    referee.call('I11', INVARIANTS.I11.check(body, SECRET_VALUE, request.path), name);
    if (request.priority === 'lease' || scenario.controllers === 1) return;
    const sender = { name, renewedAt: this.#renewals.get(name), now, leaseMs: LEASE.leaseMs };
    referee.call('I7', INVARIANTS.I7.check(sender), request.path);
  }
}
