import { describe, expect, it } from 'vitest';
import { ANALYSIS_RUNS } from '../../../src/kube/resources.ts';
import { answer } from '../../support/answers.ts';
import { DataPlane } from '../../support/data-plane.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  isHealthy,
  isPausedAt,
  isPromoted,
  judgedBy,
  MINUTE,
  network,
  SECOND,
  template,
  web,
} from '../release/fixtures.ts';
import { pausedWeb, RESUME, remove } from './given.ts';

const JUDGED = { steps: [{ setWeight: 25 }, { pause: { duration: '30m' } }], canary: judgedBy('success') };

describe('F66 AnalysisRun deleted by hand:', () => {
  const paused = () => pausedWeb(JUDGED, { prometheus: () => ['0.99'] }, [template('success')]);

  it('there is one replacement, the next attempt, and old samples are void', async () => {
    const { cluster, dataPlane } = await paused();
    await cluster.clock.advanceBy(MINUTE);
    const [old] = cluster.runs();
    await remove(cluster, ANALYSIS_RUNS, cluster.runs());
    await cluster.clock.advanceBy(15 * SECOND);
    const [next, ...others] = cluster.runs();
    expect(others).toEqual([]);
    expect(next?.metadata.name).toBe(`${old?.metadata.name ?? ''}.1`);
    expect(next?.metadata.labels).toEqual(old?.metadata.labels);
    expect(next?.status?.metricResults?.[0]?.successful).toBeLessThanOrEqual(2);
    await cluster.until('web', isPromoted, 40 * MINUTE);
    expect(cluster.runs().map(({ status }) => status?.phase)).toEqual(['Successful']);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('more than three times, and a person decides; whoever promotes gets a new run', async () => {
    const { cluster, dataPlane } = await paused();
    const names = new Set<string>();
    for (let time = 1; time <= 4; time += 1) {
      await cluster.clock.advanceBy(MINUTE);
      for (const { metadata } of cluster.runs()) names.add(metadata.name ?? '');
      await remove(cluster, ANALYSIS_RUNS, cluster.runs());
    }
    await cluster.clock.advanceBy(2 * MINUTE);
    expect(names.size).toBe(4);
    expect(cluster.runs()).toEqual([]);
    const held = await cluster.rollout('web');
    expect(held.status).toMatchObject({ phase: 'Paused', currentStepIndex: 1 });
    expect(held.status?.message).toMatch(
      /a person decides, because AnalysisRun web-\S+\.3 was deleted 4 times before it ended/,
    );
    await cluster.clock.advanceBy(60 * MINUTE);
    expect((await cluster.rollout('web')).status).toMatchObject({ phase: 'Paused', currentStepIndex: 1 });
    await cluster.patch('web', RESUME, 'status');
    await cluster.until('web', isPromoted, 10 * MINUTE);
    expect(cluster.runs().map(({ status }) => status?.phase)).toEqual(['Successful']);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('a run that only the cache lacks is not replaced', async () => {
    const { cluster } = await paused();
    await cluster.clock.advanceBy(MINUTE);
    await cluster.stopController();
    const empty = {
      kind: 'AnalysisRunList',
      apiVersion: 'argoproj.io/v1alpha1',
      metadata: { resourceVersion: String(cluster.server.context.storage.revision) },
      items: [],
    };
    let created = 0;
    cluster.startController({
      hooks: {
        before: ({ method, path, query }) => {
          if (!path.endsWith('/analysisruns')) return undefined;
          if (method === 'POST') created += 1;
          return method === 'GET' && query?.['watch'] !== 'true' ? answer(JSON.stringify(empty)) : undefined;
        },
      },
    });
    await cluster.clock.advanceBy(10 * MINUTE);
    expect(created).toBe(0);
    expect(cluster.runs()).toHaveLength(1);
    await cluster.stopController();
  });
});

it('F74 analysis before traffic: with a router that lags 30 s, nothing is measured before users reach the canary', async () => {
  const asked: { readonly share: number; readonly isSelected: boolean }[] = [];
  let observe = (): (typeof asked)[number] => ({ share: 0, isSelected: false });
  const cluster = new TestCluster({
    prometheus: () => {
      asked.push(observe());
      return ['0.99'];
    },
  });
  const thirty = { minMs: 29 * SECOND, maxMs: 29 * SECOND };
  const dataPlane = new DataPlane(cluster, {
    rollout: 'web',
    canaryService: 'web-canary',
    stableService: 'web-stable',
    weightLag: thirty,
  });
  cluster.startController({ routers: { nginxPropagationMs: 30 * SECOND } });
  const judged = {
    steps: [{ setWeight: 25 }, { pause: {} }],
    canary: { analysis: { templates: [{ templateName: 'success' }] } },
  };
  await cluster.apply(...network(), template('success'), web(judged));
  await cluster.until('web', isHealthy, 2 * MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  dataPlane.arm();
  await cluster.apply(web({ ...judged, image: 'v2' }));
  observe = () => {
    const hash = cluster.find<ReturnType<typeof web>>('argoproj.io/rollouts', 'web')?.status?.currentPodHash ?? '';
    const selector = (cluster.find('/services', 'web-canary') as { spec?: { selector?: Record<string, string> } }).spec
      ?.selector;
    return { share: dataPlane.shares.get(hash) ?? 0, isSelected: selector?.['rollouts-pod-template-hash'] === hash };
  };
  await cluster.until('web', isPausedAt(1), 5 * MINUTE);
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter(({ share, isSelected }) => share === 0 || !isSelected)).toEqual([]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it.each([
  ['one failure, which the limit allows, takes nothing back', ['0.1'], 'Paused'],
  ['one failure more than the limit allows takes it back', ['0.1', '0.99', '0.1'], 'Degraded'],
])('failureLimit 1: %s', async (_title, rates, phase) => {
  const answers = [...rates];
  const { cluster, dataPlane } = await pausedWeb(JUDGED, { prometheus: () => [answers.shift() ?? '0.99'] }, [
    template('success', { failureLimit: 1 }),
  ]);
  await cluster.clock.advanceBy(5 * MINUTE);
  expect(answers).toEqual([]);
  expect((await cluster.rollout('web')).status?.phase).toBe(phase);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});
