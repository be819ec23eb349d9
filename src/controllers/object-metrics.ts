import type { AnalysisRun, AnalysisTemplate, Metric } from '../api/analysis.ts';
import { nameOf, namespaceOf } from '../api/object-name.ts';
import type { Rollout } from '../api/rollout.ts';
import type { ReadonlyStore } from '../kube/store.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';

/** `phase` of `rollout_info`: Argo Rollouts' own vocabulary for metrics, unlike `status.phase`. */
const PHASE_OF_PROGRESSING_REASON: Readonly<Record<string, string>> = {
  NewReplicaSetAvailable: 'Completed',
  RolloutPaused: 'Paused',
  ReplicaSetCreateError: 'Error',
  ProgressDeadlineExceeded: 'Timeout',
  RolloutAborted: 'Abort',
};

/** The phases of the deprecated `rollout_phase`, which knows no InvalidSpec. */
const ROLLOUT_PHASES = ['Completed', 'Progressing', 'Paused', 'Timeout', 'Error', 'Abort'] as const;

/** Routers that Argo Rollouts names in `traffic_router`; dashboards know no others. */
const ROUTER_NAMES = {
  alb: 'ALB',
  ambassador: 'Ambassador',
  istio: 'Istio',
  nginx: 'Nginx',
  smi: 'SMI',
  appMesh: 'AppMesh',
} as const;

/** Gauges about Rollouts, read from the cache at the time of the scrape, so that a deleted one leaves no series. */
export function exposeRollouts(metrics: MetricsRegistry, rollouts: ReadonlyStore<Rollout>): void {
  const base = ['namespace', 'name'] as const;
  const info = metrics.gauge('rollout_info', 'Information about a Rollout.', [
    ...base,
    'strategy',
    'traffic_router',
    'phase',
  ]);
  const replicas = (what: string) =>
    metrics.gauge(`rollout_info_replicas_${what}`, `Replicas that are ${what}, of a Rollout.`, base);
  const [available, unavailable, desired, updated] = ['available', 'unavailable', 'desired', 'updated'].map(replicas);
  const phaseGauge = metrics.gauge(
    'rollout_phase',
    'Deprecated: use rollout_info. 1 for the phase that the Rollout is in.',
    [...base, 'strategy', 'phase'],
  );
  metrics.onScrape(() => {
    phaseGauge.clear();
    for (const gauge of [info, available, unavailable, desired, updated]) gauge?.clear();
    for (const rollout of rollouts.list()) {
      const labels = { namespace: namespaceOf(rollout), name: nameOf(rollout) };
      const { spec, status } = rollout;
      const description = describe(rollout);
      info.set({ ...labels, ...description }, 1);
      for (const phase of ROLLOUT_PHASES) {
        phaseGauge.set({ ...labels, strategy: description.strategy, phase }, phase === description.phase ? 1 : 0);
      }
      available?.set(labels, status?.availableReplicas ?? 0);
      unavailable?.set(labels, Math.max(0, (status?.replicas ?? 0) - (status?.availableReplicas ?? 0)));
      desired?.set(labels, spec.replicas ?? 1);
      updated?.set(labels, status?.updatedReplicas ?? 0);
    }
  });
}

/** Gauges about AnalysisRuns, likewise. */
export function exposeAnalysisRuns(metrics: MetricsRegistry, runs: ReadonlyStore<AnalysisRun>): void {
  const base = ['namespace', 'name'] as const;
  const info = metrics.gauge('analysis_run_info', 'Information about an AnalysisRun.', [...base, 'phase']);
  const phase = metrics.gauge('analysis_run_metric_phase', 'Phase of a metric of an AnalysisRun.', [
    ...base,
    'metric',
    'type',
    'dry_run',
    'phase',
  ]);
  const deprecated = metrics.gauge(
    'analysis_run_phase',
    'Deprecated: use analysis_run_info. 1 for the phase of the run.',
    [...base, 'phase'],
  );
  const types = metrics.gauge('analysis_run_metric_type', 'Provider of a metric of an AnalysisRun.', [
    ...base,
    'metric',
    'type',
  ]);
  metrics.onScrape(() => {
    for (const gauge of [info, phase, deprecated, types]) gauge.clear();
    for (const run of runs.list()) {
      const labels = { namespace: namespaceOf(run), name: nameOf(run) };
      info.set({ ...labels, phase: run.status?.phase ?? '' }, 1);
      for (const each of ANALYSIS_PHASES) {
        deprecated.set({ ...labels, phase: each }, each === run.status?.phase ? 1 : 0);
      }
      for (const metric of run.spec.metrics) types.set({ ...labels, metric: metric.name, type: providerOf(metric) }, 1);
      for (const result of run.status?.metricResults ?? []) {
        const metric = run.spec.metrics.find(({ name }) => name === result.name);
        const series = {
          metric: result.name,
          type: metric === undefined ? '' : providerOf(metric),
          dry_run: String(result.dryRun === true),
          phase: result.phase,
        };
        phase.set({ ...labels, ...series }, 1);
      }
    }
  });
}

/** Gauges about templates of both scopes; a cluster-scoped one has no namespace. */
export function exposeAnalysisTemplates(
  metrics: MetricsRegistry,
  stores: readonly ReadonlyStore<AnalysisTemplate>[],
): void {
  const base = ['namespace', 'name'] as const;
  const info = metrics.gauge('analysis_template_info', 'Information about an analysis template.', base);
  const types = metrics.gauge('analysis_template_metric_info', 'Metric of an analysis template.', [
    ...base,
    'metric',
    'type',
  ]);
  metrics.onScrape(() => {
    for (const gauge of [info, types]) gauge.clear();
    for (const template of stores.flatMap((store) => store.list())) {
      const labels = { namespace: namespaceOf(template), name: nameOf(template) };
      info.set(labels, 1);
      for (const metric of template.spec.metrics ?? []) {
        types.set({ ...labels, metric: metric.name, type: providerOf(metric) }, 1);
      }
    }
  });
}

/** The phases that `analysis_run_phase` lists. */
const ANALYSIS_PHASES = ['Pending', 'Running', 'Successful', 'Failed', 'Error', 'Inconclusive'] as const;

function providerOf({ provider }: Metric): string {
  return Object.keys(provider)[0] ?? '';
}

function describe({ spec, status }: Rollout): { strategy: string; traffic_router: string; phase: string } {
  const { canary, blueGreen } = spec.strategy ?? {};
  const routing: Readonly<Record<string, unknown>> = canary?.trafficRouting ?? {};
  const routers = Object.entries(ROUTER_NAMES).filter(([field]) => routing[field] !== undefined);
  return {
    strategy: canary === undefined ? (blueGreen === undefined ? 'none' : 'blueGreen') : 'canary',
    traffic_router: routers.map(([, name]) => name).join(','),
    phase: metricsPhase(status),
  };
}

function metricsPhase(status: Rollout['status']): string {
  const conditions = status?.conditions ?? [];
  if (conditions.some(({ type }) => type === 'InvalidSpec')) return 'InvalidSpec';
  const reason = conditions.find(({ type }) => type === 'Progressing')?.reason ?? '';
  return PHASE_OF_PROGRESSING_REASON[reason] ?? 'Progressing';
}
