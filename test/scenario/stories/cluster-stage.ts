import type { AnalysisTemplate } from '../../../src/api/analysis.ts';
import type { KubeObject, Pod } from '../../../src/api/core-types.ts';
import type { Rollout, RolloutSpec } from '../../../src/api/rollout.ts';
import type { JsonObject } from '../../../src/core/values/json.ts';
import { mergePatchBetween } from '../../../src/core/values/merge-patch.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import { PODS } from '../../../src/kube/resources.ts';
import type { KubeRequest } from '../../../src/kube/transport.ts';
import type { TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import type { Script } from '../../golden/scripts.ts';
import { refusal } from '../../support/answers.ts';
import type { ControllerProcess } from '../../support/controller-process.ts';
import { DataPlane } from '../../support/data-plane.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import type { Stage, Verdict } from '../../support/tiny-world/stage.ts';
import type { ClusterOptions } from '../../support/tiny-world/tiny-cluster.ts';
import { withImage } from '../../support/tiny-world/with-image.ts';
import { ingress, service } from '../release/fixtures.ts';

/** What goes wrong once, right after the server has accepted so many writes of the controller. */
export interface Fault {
  readonly kind: 'dies' | 'answer-lost';
  readonly afterWrite: number;
}

/** What the templates of stories think of as good, bad and neither. */
const MEASURED: Readonly<Record<Exclude<Verdict, undefined>, string>> = {
  Successful: '0.99',
  Failed: '0.1',
  Inconclusive: '0.7',
};

const RESTART_MS = 1_000;
/** A proxy is within what the controller grants it. */
const SLACK_MS = 1_000;
const STOPS_AFTER_MS = 1_000;

/**
 * Plays a story with the real controllers on the simulator. A script tells all that people do at once, as in a tiny world
 * where each of it is done when it is told; here it is written down, and done one after the other by `play`.
 */
export class ClusterStage implements Stage {
  readonly cluster: TestCluster;
  readonly dataPlane: DataPlane;
  /** Of all processes. */
  writes = 0;
  readonly #options: ClusterOptions;
  readonly #fault: Fault | undefined;
  readonly #deeds: (() => Promise<void>)[] = [];
  readonly #propagationMs: number;
  #judge: () => Verdict = () => 'Successful';
  #routerProblem: string | undefined;
  #isHarmed = false;
  #isArmed = false;
  #process: ControllerProcess | undefined;

  constructor(options: ClusterOptions, fault?: Fault) {
    const { endpointLagMs = 1_000, readyAfterMs = 5_000, routerLagMs = 5_000, brokenImage } = options;
    this.#options = options;
    this.#fault = fault;
    this.#propagationMs = routerLagMs;
    this.cluster = new TestCluster({
      endpointLagMs,
      prometheus: () => this.#measure(),
      kubelet: {
        behaviour: ({ spec }) => ({
          readyAfterMs: spec?.containers[0]?.image === brokenImage ? undefined : readyAfterMs,
          stopsAfterMs: STOPS_AFTER_MS,
        }),
      },
    });
    this.dataPlane = new DataPlane(this.cluster, {
      rollout: 'web',
      canaryService: 'web-canary',
      stableService: 'web-stable',
      maxLagMs: routerLagMs - SLACK_MS,
    });
  }

  /** Plays the whole story. */
  async play({ play }: Script): Promise<void> {
    play(this);
    await this.#open();
    for (const deed of this.#deeds) await deed();
    // Only the one that runs: what is dead is dead.
    await this.#process?.stop();
  }

  /** Broken invariants, but for those that a script broke on purpose. */
  get violations(): readonly string[] {
    return this.#isHarmed ? [] : this.dataPlane.violations;
  }

  get rollout(): Rollout {
    return this.cluster.find<Rollout>('argoproj.io/rollouts', 'web') as Rollout;
  }

  // ---- what people do ----

  get judge(): () => Verdict {
    return this.#judge;
  }

  set judge(judge: () => Verdict) {
    this.#does(async () => {
      this.#judge = judge;
    });
  }

  get routerProblem(): string | undefined {
    return this.#routerProblem;
  }

  set routerProblem(problem: string | undefined) {
    this.#does(async () => {
      this.#routerProblem = problem;
    });
  }

  run(milliseconds: number): void {
    this.#does(async () => {
      await this.cluster.clock.advanceBy(milliseconds);
      this.#arm();
    });
  }

  edit(_what: string, change: (spec: RolloutSpec) => RolloutSpec): void {
    this.#does(async () => {
      const { spec } = this.rollout;
      const patch = mergePatchBetween(spec, change(spec));
      await this.cluster.patch('web', { spec: patch ?? {} });
    });
  }

  image(image: string): void {
    this.edit(image, (spec) => withImage(spec, image));
  }

  order(_what: string, patch: JsonObject): void {
    this.#does(async () => {
      await this.cluster.patch('web', { status: patch }, 'status');
    });
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

  scale(replicas: number): void {
    // Down to 0 and back, requests find nobody, whatever the controller does.
    if (replicas === 0) this.#harm();
    this.edit('scale', (spec) => ({ ...spec, replicas }));
  }

  killPods(image: string): void {
    this.#harm();
    this.#does(async () => {
      const pods = this.cluster.stored<Pod>('/pods').filter(({ spec }) => spec?.containers[0]?.image === image);
      for (const { metadata } of pods)
        await this.cluster.client.delete(PODS, { namespace: 'default', name: metadata.name ?? '' });
    });
  }

  addTemplate(template: AnalysisTemplate): void {
    this.#does(() => this.cluster.apply(manifestOf(template)));
  }

  timestamp(): string {
    return formatTimestamp(this.cluster.clock.now());
  }

  comment(): void {}

  // ---- the cluster ----

  #does(deed: () => Promise<void>): void {
    this.#deeds.push(deed);
  }

  #harm(): void {
    this.#does(async () => {
      this.#isHarmed = true;
    });
  }

  async #open(): Promise<void> {
    const { spec, routed, templates = [] } = this.#options;
    const { canaryService, stableService } = spec.strategy?.canary ?? {};
    const services = [canaryService, stableService].filter((name) => name !== undefined);
    this.#start();
    await this.cluster.apply(
      ...services.map((name) => service(name, 'web')),
      ...(routed ? [ingress('web', 'web-stable')] : []),
      ...templates.map(manifestOf),
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Rollout',
        metadata: { name: 'web', namespace: 'default' },
        spec,
      } as KubeObject,
    );
  }

  /** Users are there once the first version is up. */
  #arm(): void {
    if (this.#isArmed || !this.#options.routed || this.rollout.status?.phase !== 'Healthy') return;
    this.#isArmed = true;
    this.dataPlane.arm();
  }

  #measure(): readonly string[] {
    const verdict = this.#judge();
    return verdict === undefined ? [] : [MEASURED[verdict]];
  }

  #start(): void {
    const process: ControllerProcess = this.cluster.startController({
      routers: { nginxPropagationMs: this.#propagationMs },
      hooks: this.#hooks(() => process),
    });
    this.#process = process;
    const { kind, afterWrite } = this.#fault ?? { kind: undefined, afterWrite: 0 };
    if (kind !== 'dies' || afterWrite <= this.writes) return;
    process.dieAfterWrite(afterWrite, () => {
      this.writes = process.writes.length;
      this.cluster.clock.schedule(0, () => process.kill());
      this.cluster.clock.schedule(RESTART_MS, () => this.#start());
    });
  }

  #hooks(process: () => ControllerProcess): TransportHooks {
    let isLost = false;
    return {
      before: (request) =>
        this.#routerProblem !== undefined && writesRoute(request)
          ? refusal(500, 'InternalError', this.#routerProblem)
          : undefined,
      after: () => {
        if (this.#fault?.kind === 'dies') return;
        this.writes = process().writes.length;
        if (isLost || this.writes !== this.#fault?.afterWrite) return;
        isLost = true;
        throw new Error('the connection was reset before the answer came');
      },
    };
  }
}

function manifestOf(template: AnalysisTemplate): KubeObject {
  const metadata = { ...template.metadata, namespace: 'default' };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisTemplate', ...template, metadata };
}

function writesRoute({ method, path }: KubeRequest): boolean {
  return method !== 'GET' && path.includes('/ingresses');
}
