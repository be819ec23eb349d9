import type { PrometheusAnswer } from '../../support/prometheus-stub.ts';
import type { PrometheusMode } from './scenario.ts';

/** Beyond any timeout of a query. */
const SLOW_MS = 60_000;

/**
 * What Prometheus says about a version that answers `successRate` of its requests well; undefined while no request
 * reaches it. `isOldNews` tells whether a scrape that is a minute late has seen it.
 */
export function answerOf(
  mode: PrometheusMode | undefined,
  successRate: number | undefined,
  isOldNews: boolean,
): PrometheusAnswer {
  const truth = successRate === undefined ? [] : [String(successRate)];
  switch (mode) {
    case undefined:
      return truth;
    case 'empty':
      return [];
    case 'nan':
      return ['NaN'];
    case 'down':
      return new Error('connect ECONNREFUSED');
    case 'slow':
      return { status: 200, body: '{}', afterMs: SLOW_MS };
    case 'throttled':
      return { status: 429, body: 'too many requests', headers: { 'retry-after': '20' } };
    case 'html':
      return { status: 200, body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } };
    case 'all-good':
      return ['1'];
    case 'all-bad':
      return ['0.1'];
    case 'late':
      return isOldNews ? truth : [];
  }
}

/** Whether an answer is something to judge by. */
export function isData(answer: PrometheusAnswer): boolean {
  return Array.isArray(answer) && answer.some((sample) => sample !== 'NaN');
}
