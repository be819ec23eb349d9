import { expect, it } from 'vitest';
import {
  exposeAnalysisRuns,
  exposeAnalysisTemplates,
  exposeRollouts,
} from '../../../src/controllers/object-metrics.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';

const METRICS = [{ name: 'errors', provider: { prometheus: { query: 'up' } } }];
const metadata = { namespace: 'shop', name: 'web' };
const storeOf = (...objects: readonly object[]) => ({ list: () => [...objects] }) as never;

it('tells of a Rollout in the vocabulary of Argo Rollouts, and of none that is gone', () => {
  const metrics = new MetricsRegistry();
  const rollouts: object[] = [
    {
      metadata,
      spec: { replicas: 5, strategy: { canary: { trafficRouting: { nginx: {} } } } },
      status: {
        replicas: 6,
        availableReplicas: 4,
        updatedReplicas: 1,
        conditions: [{ type: 'Progressing', reason: 'RolloutPaused' }],
      },
    },
  ];
  exposeRollouts(metrics, { list: () => rollouts } as never);
  const text = metrics.expose();
  expect(text).toContain(
    'rollout_info{namespace="shop",name="web",strategy="canary",traffic_router="Nginx",phase="Paused"} 1\n',
  );
  expect(text).toContain('rollout_info_replicas_unavailable{namespace="shop",name="web"} 2\n');
  expect(text).toContain('rollout_phase{namespace="shop",name="web",strategy="canary",phase="Paused"} 1\n');
  expect(text).toContain('rollout_phase{namespace="shop",name="web",strategy="canary",phase="Abort"} 0\n');
  rollouts.length = 0;
  expect(metrics.expose()).not.toContain('name="web"');
});

it('tells of AnalysisRuns, their metrics and their templates', () => {
  const metrics = new MetricsRegistry();
  const metricResults = [{ name: 'errors', phase: 'Failed', dryRun: true }];
  exposeAnalysisRuns(
    metrics,
    storeOf({ metadata, spec: { metrics: METRICS }, status: { phase: 'Running', metricResults } }),
  );
  exposeAnalysisTemplates(metrics, [storeOf({ metadata: { name: 'rate' }, spec: { metrics: METRICS } })]);
  const text = metrics.expose();
  expect(text).toContain('analysis_run_info{namespace="shop",name="web",phase="Running"} 1\n');
  expect(text).toContain('analysis_run_phase{namespace="shop",name="web",phase="Failed"} 0\n');
  expect(text).toContain('analysis_run_metric_type{namespace="shop",name="web",metric="errors",type="prometheus"} 1\n');
  expect(text).toContain('metric="errors",type="prometheus",dry_run="true",phase="Failed"} 1\n');
  expect(text).toContain('analysis_template_info{namespace="",name="rate"} 1\n');
  expect(text).toContain(
    'analysis_template_metric_info{namespace="",name="rate",metric="errors",type="prometheus"} 1\n',
  );
});
