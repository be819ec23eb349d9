import type { LoadWindow } from '../load/load-window.ts';
import type { WeightPhase } from './weight-phases.ts';

/** What one version answered. */
export interface VersionCount {
  readonly requests: number;
  /** Answers of 500 and above. */
  readonly failures: number;
}

/** The share of requests that a version answered while a weight was in effect, in percent with one decimal. */
export interface Share {
  readonly weight: number;
  readonly observed: number;
  /** Answers that it was measured by. */
  readonly requests: number;
}

const SERVER_ERROR = 500;

export function countByVersion(windows: readonly LoadWindow[]): ReadonlyMap<string, VersionCount> {
  const counts = new Map<string, VersionCount>();
  for (const { version, status, count } of windows.flatMap(({ answers }) => answers)) {
    const { requests, failures } = counts.get(version) ?? { requests: 0, failures: 0 };
    counts.set(version, { requests: requests + count, failures: failures + (status >= SERVER_ERROR ? count : 0) });
  }
  return counts;
}

/** All requests, answered or lost. */
export function countRequests(windows: readonly LoadWindow[]): number {
  const answered = windows.flatMap(({ answers }) => answers).reduce((sum, { count }) => sum + count, 0);
  return answered + countLost(windows);
}

export function countLost(windows: readonly LoadWindow[]): number {
  return windows.reduce((sum, { lost }) => sum + lost, 0);
}

/** The windows that lie wholly in a stretch of time. */
function windowsWithin(windows: readonly LoadWindow[], from: number, to: number): readonly LoadWindow[] {
  return windows.filter((window) => window.from >= from && window.to <= to);
}

/** Undefined when not one whole window lies in the phase. */
export function shareDuring(windows: readonly LoadWindow[], phase: WeightPhase, version: string): Share | undefined {
  const counts = countByVersion(windowsWithin(windows, phase.from, phase.to ?? Number.POSITIVE_INFINITY));
  const all = [...counts.values()].reduce((sum, { requests }) => sum + requests, 0);
  if (all === 0) return undefined;
  const observed = ((counts.get(version)?.requests ?? 0) / all) * 100;
  return { weight: phase.weight, observed: Math.round(observed * 10) / 10, requests: all };
}

/** How many requests a version answered that were sent after nginx had stopped sending to it at `from`. */
export function answeredAfter(windows: readonly LoadWindow[], from: number, version: string): number {
  const after = windowsWithin(windows, from, Number.POSITIVE_INFINITY);
  return countByVersion(after).get(version)?.requests ?? 0;
}

/** When the version's first failure reached a user, milliseconds since the epoch. */
export function firstFailureOf(windows: readonly LoadWindow[], version: string): number | undefined {
  const moments = windows.map(({ firstFailures }) => firstFailures[version]).filter((moment) => moment !== undefined);
  return moments.length === 0 ? undefined : Math.min(...moments);
}
