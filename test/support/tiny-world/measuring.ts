import type { AnalysisPhase, Measurement } from '../../../src/api/analysis.ts';
import { isCompleted } from '../../../src/api/analysis-phase.ts';
import { BLINDNESS_KEY } from '../../../src/core/analysis/outcome.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import type { TinyCluster } from './tiny-cluster.ts';

const MEASURE_EACH_MS = 10_000;

/** Measures every metric of a new run each ten seconds until the run ends. */
export function measure(cluster: TinyCluster, name: string): void {
  cluster.after(MEASURE_EACH_MS, () => {
    const run = cluster.analysisRuns.get(name);
    if (run === undefined || isCompleted(run.status?.phase)) return;
    const verdict = cluster.judge();
    const phase: AnalysisPhase = verdict === 'Failed' || verdict === 'Inconclusive' ? verdict : 'Running';
    const at = formatTimestamp(cluster.now);
    const metricResults = run.spec.metrics.map((metric) => {
      const before = run.status?.metricResults?.find((result) => result.name === metric.name)?.measurements ?? [];
      const measurement: Measurement = {
        phase: verdict ?? 'Error',
        startedAt: at,
        finishedAt: at,
        ...(verdict === undefined ? { message: 'no data', metadata: { [BLINDNESS_KEY]: 'no-data' } } : {}),
      };
      return { name: metric.name, phase, measurements: [...before, measurement].slice(-10) };
    });
    const message = phase === 'Running' ? '' : `Metric "success-rate" assessed ${phase}`;
    cluster.analysisRuns.set(name, { ...run, status: { phase, message, metricResults } });
    measure(cluster, name);
  });
}
