import type { Rollout } from '../../../src/api/rollout.ts';
import type { PrometheusAnswer } from '../../support/prometheus-stub.ts';
import type { TestCluster } from '../../support/test-cluster.ts';
import type { Pods } from './pods.ts';
import type { Referee } from './referee.ts';
import type { PrometheusMode, RolloutPlan, Scenario, Version } from './scenario.ts';

/** Beyond any timeout of a query. */
const SLOW_MS = 60_000;
/** A scrape that is late has not seen what is younger. */
const LATE_SCRAPE_MS = 60_000;

export interface PrometheusOptions {
  readonly cluster: TestCluster;
  readonly scenario: Scenario;
  readonly pods: Pods;
  readonly referee: Referee;
}

/** Knows what the data plane sends to the newest version of each Rollout, and does not always say so. */
export class Prometheus {
  readonly #options: PrometheusOptions;
  readonly #modes: PrometheusMode[] = [];
  readonly #canarySince = new Map<string, number>();

  constructor(options: PrometheusOptions) {
    this.#options = options;
  }

  /** Something is the matter with it from now on; returns how that is mended. */
  trouble(mode: PrometheusMode): () => void {
    this.#modes.push(mode);
    return () => this.#modes.splice(this.#modes.indexOf(mode), 1);
  }

  answer(query: string): PrometheusAnswer {
    const { cluster, scenario, pods, referee } = this.#options;
    const name = /app="([^"]+)"/.exec(query)?.[1] ?? '';
    const { currentPodHash = '', stableRS } = cluster.find<Rollout>('argoproj.io/rollouts', name)?.status ?? {};
    const plan = scenario.rollouts.find((each) => each.name === name);
    const version = currentPodHash === stableRS ? undefined : this.#versionOf(plan, currentPodHash);
    const share = referee.dataPlaneOf(name)?.shares.get(currentPodHash) ?? 0;
    const isServing = plan?.routed === true ? share > 0 : pods.available(currentPodHash) > 0;
    const now = cluster.clock.now();
    const key = `${name} ${currentPodHash}`;
    if (isServing && !this.#canarySince.has(key)) this.#canarySince.set(key, now);
    const isOldNews = now - (this.#canarySince.get(key) ?? now) >= LATE_SCRAPE_MS;
    const answer = answerOf(this.#modes.at(-1), isServing ? version?.successRate : undefined, isOldNews);
    if (isData(answer)) referee.measured(name, currentPodHash);
    return answer;
  }

  #versionOf(plan: RolloutPlan | undefined, hash: string): Version | undefined {
    const image = this.#options.pods.imageOf(hash);
    return image === undefined ? undefined : plan?.versions[image.split(':')[1] ?? ''];
  }
}

/**
 * What Prometheus says about a version that answers `successRate` of its requests well; undefined while no request
 * reaches it. `isOldNews` tells whether a scrape that is a minute late has seen it.
 */
function answerOf(
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
function isData(answer: PrometheusAnswer): boolean {
  return Array.isArray(answer) && answer.some((sample) => sample !== 'NaN');
}
