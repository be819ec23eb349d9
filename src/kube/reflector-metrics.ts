import type { Clock } from '../runtime/clock.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import { apiVersionOf, type Resource } from './resources.ts';

export type WatchFailure =
  /** 410: the position is older than the server's history. */
  | 'expired'
  /** The stream held something that is no watch event. */
  | 'garbage'
  /** Silence on an open connection. */
  | 'stall'
  /** The server is in trouble (429, 5xx, or an in-band error of that kind). */
  | 'server'
  /** The server will not serve this (401, 403, 404, …). */
  | 'refused'
  /** No connection, or a broken one. */
  | 'connection'
  /** A defect of ours. */
  | 'internal';

/** What one informer reports about itself. */
export interface ReflectorMetrics {
  listed(): void;
  watching(): void;
  /** A sign of life of the server. */
  contact(): void;
  failed(reason: WatchFailure): void;
  /** Changes that only a list brought to light, though the watch claimed to have delivered everything. */
  missed(count: number): void;
  handlerFailed(): void;
}

export function reflectorMetrics(
  registry: MetricsRegistry,
  clock: Clock,
  resource: Resource,
  size: () => number,
): ReflectorMetrics {
  const labels = { resource: `${resource.plural}.${apiVersionOf(resource)}` };
  const names = ['resource'] as const;
  const lists = registry.counter('kube_informer_lists_total', 'Lists that succeeded.', names);
  const watches = registry.counter('kube_informer_watches_total', 'Watches begun.', names);
  const failures = registry.counter('kube_informer_failures_total', 'Lists and watches that failed, by reason.', [
    'resource',
    'reason',
  ]);
  const missed = registry.counter(
    'kube_informer_missed_changes_total',
    'Changes that the watch should have delivered and that a list found.',
    names,
  );
  const handlerErrors = registry.counter('kube_informer_handler_errors_total', 'Handlers that threw.', names);
  const objects = registry.gauge('kube_informer_objects', 'Objects in the cache.', names);
  const silence = registry.gauge(
    'kube_informer_silence_seconds',
    'Time since the API server last said anything about this resource.',
    names,
  );
  let contactAt = clock.monotonic();
  registry.onScrape(() => {
    objects.set(labels, size());
    silence.set(labels, (clock.monotonic() - contactAt) / 1000);
  });
  missed.inc(labels, 0);
  return {
    listed: () => lists.inc(labels),
    watching: () => watches.inc(labels),
    contact: () => {
      contactAt = clock.monotonic();
    },
    failed: (reason) => failures.inc({ ...labels, reason }),
    missed: (count) => missed.inc(labels, count),
    handlerFailed: () => handlerErrors.inc(labels),
  };
}
