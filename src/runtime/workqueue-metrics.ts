import type { MetricsRegistry } from '../telemetry/metrics.ts';

/** client-go's buckets for queue and work durations: 10 ns … 10 s in decades, of which the first ones hold nothing here. */
const BUCKETS = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10];

/** What a workqueue reports about itself; durations in milliseconds. */
export interface QueueMetrics {
  added(): void;
  retried(): void;
  waited(ms: number): void;
  worked(ms: number): void;
}

interface QueueState {
  depth(): number;
  /** How long each key has been worked on, milliseconds. */
  processingSince(): readonly number[];
}

/** client-go's `workqueue_*` metrics, as Argo Rollouts exports them. */
export function queueMetrics(registry: MetricsRegistry, name: string, state: QueueState): QueueMetrics {
  const labels = { name };
  const names = ['name'] as const;
  const adds = registry.counter('workqueue_adds_total', 'Total number of adds handled by workqueue', names);
  const retries = registry.counter('workqueue_retries_total', 'Total number of retries handled by workqueue', names);
  const depth = registry.gauge('workqueue_depth', 'Current depth of workqueue', names);
  const unfinished = registry.gauge(
    'workqueue_unfinished_work_seconds',
    'How many seconds of work are in progress and not yet observed by work_duration.',
    names,
  );
  const longest = registry.gauge(
    'workqueue_longest_running_processor_seconds',
    'How many seconds the longest running processor has been running.',
    names,
  );
  const queued = registry.histogram(
    'workqueue_queue_duration_seconds',
    'How long in seconds an item stays in workqueue before being requested',
    names,
    { buckets: BUCKETS },
  );
  const work = registry.histogram(
    'workqueue_work_duration_seconds',
    'How long in seconds processing an item from workqueue takes.',
    names,
    { buckets: BUCKETS },
  );
  adds.inc(labels, 0);
  retries.inc(labels, 0);
  registry.onScrape(() => {
    const running = state.processingSince().map((ms) => ms / 1000);
    depth.set(labels, state.depth());
    unfinished.set(
      labels,
      running.reduce((sum, seconds) => sum + seconds, 0),
    );
    longest.set(labels, Math.max(0, ...running));
  });
  return {
    added: () => adds.inc(labels),
    retried: () => retries.inc(labels),
    waited: (ms) => queued.observe(labels, ms / 1000),
    worked: (ms) => work.observe(labels, ms / 1000),
  };
}
