import type { AnalysisRun } from '../api/analysis.ts';
import type { KubeObject } from '../api/core-types.ts';
import type { EpochMs } from '../api/time.ts';
import { AttendedTransport } from '../kube/attended-transport.ts';
import { CachedReader } from '../kube/cached-reader.ts';
import type { KubeClient } from '../kube/client.ts';
import { CountedTransport } from '../kube/counted-transport.ts';
import { DatedTransport } from '../kube/dated-transport.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { FencedTransport } from '../kube/fenced-transport.ts';
import { createKubeClient } from '../kube/kube-client.ts';
import { LeaderElector, type LeaseTiming } from '../kube/lease.ts';
import { PoliteTransport } from '../kube/polite-transport.ts';
import { Presence } from '../kube/presence.ts';
import type { ReflectorTiming } from '../kube/reflector.ts';
import { RequestThrottle } from '../kube/request-throttle.ts';
import { ServerClock } from '../kube/server-clock.ts';
import type { KubeTransport } from '../kube/transport.ts';
import { createProviders, type ProviderOptions } from '../providers/registry.ts';
import type { Clock } from '../runtime/clock.ts';
import { ControllerLoop } from '../runtime/controller-loop.ts';
import { Manager } from '../runtime/manager.ts';
import type { Random } from '../runtime/random.ts';
import { Workqueue } from '../runtime/workqueue.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import { createRouters, type RouterOptions } from '../traffic/registry.ts';
import { ANALYSIS_PASS_TIMEOUT_MS, AnalysisRunController } from './analysis-run/controller.ts';
import { createCaches, informersByNeed, informersOf } from './informers.ts';
import { assembleNotifications, type NotificationOptions } from './notifications/assemble.ts';
import { exposeAnalysisRuns, exposeAnalysisTemplates, exposeRollouts } from './object-metrics.ts';
import { indexCaches } from './rollout/caches.ts';
import { belongsTo, RolloutController } from './rollout/controller.ts';
import { RivalWatch } from './rollout/rival-watch.ts';
import { watchForRollouts } from './rollout/triggers.ts';
import { WriteGuard } from './rollout/write-guard.ts';

export interface LeaderElection {
  readonly namespace: string;
  readonly name: string;
  /** Unique per process. */
  readonly identity: string;
  readonly timing: LeaseTiming;
}

/** Everything that differs between production, the sandbox and a test. */
export interface AssemblyOptions {
  /** Speaks to the API server; retries, rate limit and fencing are put on top here. */
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Absent: all namespaces. */
  readonly namespace: string | undefined;
  readonly instanceId: string;
  /** Absent: this process is the only one. */
  readonly leaderElection: LeaderElection | undefined;
  readonly providers: ProviderOptions;
  readonly routers: RouterOptions;
  /** Absent: nobody is notified. */
  readonly notifications?: NotificationOptions;
  readonly workers: { readonly rollouts: number; readonly analysisRuns: number };
  /** Requests to the API server: sustained per second, and at once. */
  readonly rate: { readonly qps: number; readonly burst: number };
  readonly timing?: Partial<ReflectorTiming>;
}

/** The controllers, ready to run. */
export interface Assembly {
  readonly manager: Manager;
  readonly client: KubeClient;
}

/** Puts the controllers together. Starts nothing: that is `manager.run`. */
export function assembleControllers(options: AssemblyOptions): Assembly {
  const { random, logger, metrics, namespace, instanceId } = options;
  let elector: LeaderElector | undefined;
  const clock = new ServerClock(options.clock);
  const presence = new Presence(clock);
  const attended = new AttendedTransport(new DatedTransport(options.transport, clock, logger), presence);
  const fenced = new FencedTransport(attended, () => elector?.isLeader() ?? true);
  const throttle = new RequestThrottle(clock, options.rate);
  const transport = new PoliteTransport(new CountedTransport(fenced, metrics), { clock, random, throttle });
  const client = createKubeClient(transport);
  if (options.leaderElection !== undefined) {
    const onTaken = (renewedAt: EpochMs) => presence.lead(renewedAt);
    elector = new LeaderElector({ ...options.leaderElection, client, clock, random, logger, onTaken });
  }
  const rivals = new RivalWatch(clock);
  const caches = createCaches(
    {
      transport,
      clock,
      random,
      logger,
      metrics,
      namespace,
      ...(options.timing === undefined ? {} : { timing: options.timing }),
    },
    (rollout) => rivals.see(rollout),
  );
  indexCaches(caches);
  exposeRollouts(metrics, caches.rollouts.store);
  exposeAnalysisRuns(metrics, caches.analysisRuns.store);
  const { clusterAnalysisTemplates } = caches;
  exposeAnalysisTemplates(metrics, [
    caches.analysisTemplates.store,
    ...(clusterAnalysisTemplates === undefined ? [] : [clusterAnalysisTemplates.store]),
  ]);
  const informers = informersOf(caches);
  const reader = new CachedReader(client, informers);
  const recorder = new EventRecorder({ client, clock, random, logger, metrics });

  const notifications =
    options.notifications === undefined
      ? undefined
      : assembleNotifications({
          options: options.notifications,
          caches,
          client,
          clock,
          random,
          logger,
          metrics,
          isOurs: (rollout) => belongsTo(rollout, instanceId),
        });
  const rollouts = new RolloutController({
    caches,
    client,
    reader,
    routers: createRouters(options.routers),
    recorder,
    guard: new WriteGuard(clock, informers),
    rivals,
    presence,
    clock,
    metrics,
    instanceId,
    onTransition: notifications?.onTransition ?? (() => {}),
  });
  const rolloutQueue = new Workqueue({ name: 'Rollouts', clock, metrics });
  watchForRollouts(caches, (key, urgency) => rolloutQueue.add(key, urgency));

  const runs = new AnalysisRunController({
    runs: caches.analysisRuns.store,
    client,
    reader,
    providers: createProviders(options.providers),
    recorder,
    clock,
    metrics,
  });
  const runQueue = new Workqueue({ name: 'AnalysisRuns', clock, metrics });
  const lookAtRun = (run: AnalysisRun) => {
    if (belongsTo(run, instanceId)) runQueue.add(runKey(run));
  };
  caches.analysisRuns.onChange({ added: lookAtRun, updated: lookAtRun, deleted: lookAtRun });

  const loop = (
    queue: Workqueue,
    controller: Pick<RolloutController, 'reconcile'>,
    workers: number,
    timeoutMs?: number,
  ) =>
    new ControllerLoop({
      queue,
      reconcile: (key, context) => controller.reconcile(key, context),
      workers,
      clock,
      logger,
      metrics,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  const manager = new Manager({
    ...informersByNeed(caches),
    controllers: [
      leading(loop(rolloutQueue, rollouts, options.workers.rollouts), () => rivals.lead()),
      loop(runQueue, runs, options.workers.analysisRuns, ANALYSIS_PASS_TIMEOUT_MS),
      ...(notifications === undefined ? [] : [notifications.loop]),
    ],
    ...(elector === undefined ? {} : { elector }),
    recorder,
    clock,
    logger,
  });
  return { manager, client };
}

/** A loop that says when it begins. */
function leading(loop: ControllerLoop, onStart: () => void): Pick<ControllerLoop, 'name' | 'run'> {
  return {
    name: loop.name,
    run: (signal) => {
      onStart();
      return loop.run(signal);
    },
  };
}

function runKey(run: KubeObject): string {
  return `${run.metadata.namespace ?? ''}/${run.metadata.name ?? ''}`;
}
