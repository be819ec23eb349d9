import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisTemplate } from '../../../src/api/analysis.ts';
import type { KubeObject } from '../../../src/api/core-types.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { HttpError } from '../../../src/net/http-error.ts';
import type { PrometheusAnswer } from '../../support/prometheus-stub.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  ingress,
  isHealthy,
  isPausedAt,
  isPromoted,
  judgedBy,
  MINUTE,
  network,
  SECOND,
  service,
  template,
  web,
} from './fixtures.ts';

/** What is wrong is said with its object, field, reason and remedy; everybody else goes on. */

let cluster: TestCluster;
let isRunning = false;
afterEach(async () => {
  if (isRunning) await cluster.stopController();
  isRunning = false;
});

function start(prometheus?: () => readonly string[]): void {
  cluster = new TestCluster(prometheus === undefined ? {} : { prometheus });
  cluster.startController();
  isRunning = true;
}

/** Applies what is broken beside a Rollout that is not, and gives both time. */
async function withNeighbour(...broken: readonly KubeObject[]): Promise<Rollout> {
  start();
  await cluster.apply(...broken, ...network('good'), web({ name: 'good' }));
  await cluster.until('good', isHealthy, MINUTE);
  await cluster.apply(web({ name: 'good', image: 'v2' }));
  await cluster.until('good', ({ status }) => status?.phase === 'Paused', 2 * MINUTE);
  await expectFewPasses();
  return cluster.rollout('web');
}

/** At most ten passes a minute for something that nothing changes about. */
async function expectFewPasses(): Promise<void> {
  const before = cluster.passes('web');
  await cluster.clock.advanceBy(3 * MINUTE);
  expect(cluster.passes('web') - before).toBeLessThanOrEqual(30);
}

function expectInvalid(rollout: Rollout, problem: string | RegExp): void {
  const { phase, message, conditions } = rollout.status ?? {};
  const invalid = conditions?.find(({ type }) => type === 'InvalidSpec');
  expect(phase).toBe('Degraded');
  const said = invalid?.message.replace(/^The Rollout "web" is invalid: /, '') ?? '';
  const isSaid = typeof problem === 'string' ? said === problem : problem.test(said);
  expect({ said, problem, isSaid }).toMatchObject({ isSaid: true });
  expect(message).toBe(`InvalidSpec: ${invalid?.message}`);
  expect(cluster.stored('apps/replicasets').filter(({ metadata }) => metadata.name?.startsWith('web-'))).toEqual([]);
}

const AN_EXPERIMENT = { experiment: { templates: [{ name: 'a', specRef: 'stable' }] } };

it.each<[string, Rollout, string | RegExp]>([
  [
    'blue-green',
    web({ spec: { strategy: { blueGreen: { activeService: 'web-stable' } } } }),
    /spec\.strategy\.blueGreen: blue-green is not supported by this version of Linnet; use strategy\.canary/,
  ],
  [
    'Istio',
    web({ canary: { trafficRouting: { istio: { virtualService: { name: 'web' } } } } }),
    /trafficRouting\.istio: traffic routing by Istio is not supported.*; use trafficRouting\.nginx/,
  ],
  [
    'an experiment step',
    web({ steps: [AN_EXPERIMENT] as never }),
    /steps\[0\]\.experiment: an experiment step is not supported/,
  ],
  ['a weight of 200', web({ steps: [{ setWeight: 200 }] }), /steps\[0\]\.setWeight/],
  ['two things in one step', web({ steps: [{ setWeight: 10, pause: {} }] }), /steps\[0\]/],
  ['a pause that is no duration', web({ steps: [{ pause: { duration: 'soon' } }] }), /steps\[0\]\.pause\.duration: /],
  [
    'a selector that does not match',
    web({ spec: { selector: { matchLabels: { app: 'other' } } } }),
    /spec\.(selector|template\.metadata\.labels)/,
  ],
  [
    'no containers',
    web({ spec: { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } } } }),
    /spec\.template/,
  ],
])('%s', async (_title, broken, problem) => {
  expectInvalid(await withNeighbour(...network(), broken), problem);
});

it('an unknown field is dropped by the API server, with a warning to whoever sends it, and harms nobody', async () => {
  await withNeighbour(...network(), web());
  await cluster.patch('web', { spec: { paussed: true } });
  await cluster.clock.advanceBy(MINUTE);
  const rollout = await cluster.rollout('web');
  expect(rollout.spec).not.toHaveProperty('paussed');
  expect(rollout.status?.phase).toBe('Healthy');
});

it('who applies an unknown field server-side is refused, and the Rollout stays as it is', async () => {
  const before = await withNeighbour(...network(), web());
  const broken = { ...web(), spec: { ...web().spec, paussed: true } } as unknown as Rollout;
  await expect(cluster.apply(broken)).rejects.toThrow('.spec.paussed: field not declared in schema');
  expect(await cluster.rollout('web')).toEqual(before);
});

const [STABLE, CANARY, INGRESS] = network() as [KubeObject, KubeObject, KubeObject];
const FIELD = 'spec.strategy.canary';

it.each<[string, KubeObject[], KubeObject, string]>([
  [
    'a Service',
    [STABLE, INGRESS],
    CANARY,
    `${FIELD}.canaryService: Invalid value: "web-canary": service "web-canary" not found`,
  ],
  [
    'an Ingress',
    [STABLE, CANARY],
    INGRESS,
    `${FIELD}.trafficRouting.nginx.stableIngress: Invalid value: "web": ingress "web" not found`,
  ],
  [
    'an AnalysisTemplate',
    [STABLE, CANARY, INGRESS],
    template('success'),
    `${FIELD}.analysis.templates: Invalid value: "success": AnalysisTemplate 'success' not found`,
  ],
])(
  '%s that is missing: waits, then is invalid, then goes on when it is created',
  async (_title, present, missing, problem) => {
    start(() => ['1']);
    await cluster.apply(...present, web({ canary: judgedBy('success') }));
    if (missing.kind !== 'AnalysisTemplate') await cluster.apply(template('success'));
    await cluster.clock.advanceBy(5 * SECOND);
    const waiting = await cluster.rollout('web');
    expect(waiting.status?.phase).toBe('Progressing');
    expect(waiting.status?.message).toContain(problem);
    await cluster.clock.advanceBy(MINUTE);
    expectInvalid(await cluster.rollout('web'), problem);
    await expectFewPasses();
    await cluster.clock.advanceBy(30 * MINUTE);
    await cluster.apply(missing);
    const done = await cluster.until('web', isHealthy, MINUTE);
    expect(done.status?.conditions?.some(({ type }) => type === 'InvalidSpec' || type === 'Blocked')).toBe(false);
  },
);

it.each<[string, KubeObject[], string]>([
  [
    'a Service that selects other pods',
    [STABLE, service('web-canary', 'another'), INGRESS],
    `${FIELD}.canaryService: Invalid value: "web-canary": Service "web-canary" has unmatch label "app" in rollout`,
  ],
  [
    'an Ingress without a rule for the stable Service',
    [STABLE, CANARY, ingress('web', 'another')],
    `${FIELD}.trafficRouting.nginx.stableIngress: Invalid value: "web": ingress \`web\` has no rules using service web-stable backend`,
  ],
])('%s', async (_title, objects, problem) => {
  expectInvalid(await withNeighbour(...objects, web()), problem);
});

it('templates that name each other in a circle', async () => {
  const circle = (name: string, next: string): AnalysisTemplate => ({
    ...template(name),
    spec: { ...template(name).spec, templates: [{ templateName: next }] },
  });
  const rollout = await withNeighbour(...network(), circle('a', 'b'), circle('b', 'a'), web({ canary: judgedBy('a') }));
  expectInvalid(
    rollout,
    /analysis\.templates: .*refer to themselves: AnalysisTemplate\/a -> AnalysisTemplate\/b -> AnalysisTemplate\/a/,
  );
});

it('a template that measures with what is not supported', async () => {
  const job = template('job', { provider: { job: { spec: { template: { spec: { containers: [] } } } } } });
  const rollout = await withNeighbour(...network(), job, web({ canary: judgedBy('job') }));
  expectInvalid(rollout, /measuring with a Job is not supported.*use provider\.prometheus/);
});

const HTML = '<html><body>Please log in</body></html>';
const PROM_ERROR = '{"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected end of input"}';

/** What Prometheus answers, what the measurement says, how the run ends. */
const ANSWERS: readonly (readonly [string, PrometheusAnswer, RegExp, 'Error' | 'Inconclusive'])[] = [
  ['a PromQL error', { status: 400, body: PROM_ERROR }, /answered HTTP 400: bad_data: 1:5: parse error/, 'Error'],
  [
    'a Prometheus that is down',
    new HttpError('dns', 'prometheus:9090: cannot be resolved'),
    /prometheus:9090: cannot be resolved/,
    'Inconclusive',
  ],
  [
    'a Prometheus that is slow',
    { status: 200, body: '', afterMs: 10 * MINUTE },
    /prometheus:9090: no answer within 30000 ms/,
    'Inconclusive',
  ],
  [
    'a huge answer',
    new HttpError('too-large', 'prometheus:9090: the answer is longer than 1048576 bytes'),
    /longer than 1048576 bytes/,
    'Inconclusive',
  ],
  [
    'a login page',
    { status: 200, body: HTML },
    /the answer is not one of the Prometheus API: "<html><body>Please log in/,
    'Inconclusive',
  ],
  [
    '429',
    { status: 429, body: 'slow down', headers: { 'retry-after': '20' } },
    /answered HTTP 429: "slow down"/,
    'Inconclusive',
  ],
  ['a redirect', { status: 302, body: '' }, /redirect \(HTTP 302\), which is not followed/, 'Inconclusive'],
  ['no series', [], /no data: the query returned an empty vector/, 'Inconclusive'],
  ['NaN', ['NaN'], /no traffic: the query returned \[NaN\]/, 'Inconclusive'],
  ['infinity', ['+Inf'], /not finite: the query returned \[\+Inf\]/, 'Inconclusive'],
];

describe('a canary that is judged by', () => {
  const VERIFIED = { replicas: 2, steps: [{ setWeight: 50 }, { pause: { untilVerified: true } }] };
  const names = [...ANSWERS.keys()].map((index) => `web-${index}`);
  const all = ['good', ...names];
  let shared: TestCluster;

  /** Every Rollout has its own template, and the query is its name. */
  function judge(name: string): AnalysisTemplate {
    const provider = { prometheus: { address: 'http://prometheus:9090', query: name } };
    return template(name, { provider });
  }

  function release(name: string, image: string): Rollout {
    return web({ name, image, ...VERIFIED, canary: { analysis: { templates: [{ templateName: name }] } } });
  }

  beforeAll(async () => {
    shared = new TestCluster({ prometheus: (query) => ANSWERS[names.indexOf(query)]?.[1] ?? ['0.99'] });
    shared.startController();
    await shared.apply(...all.flatMap((name) => [...network(name), judge(name), release(name, 'v1')]));
    for (const name of all) await shared.until(name, isHealthy, MINUTE);
    await shared.apply(...all.map((name) => release(name, 'v2')));
    await shared.until('good', isPromoted, 2 * MINUTE);
    await shared.clock.advanceBy(6 * MINUTE);
  });
  afterAll(() => shared.stopController());

  function runOf(name: string) {
    return shared.runs().find(({ metadata }) => metadata.name?.startsWith(`${name}-`));
  }

  function measured(name: string): string | undefined {
    return runOf(name)?.status?.metricResults?.[0]?.measurements?.at(-1)?.message;
  }

  it.each([...ANSWERS.keys()].map((index) => [ANSWERS[index]![0], index] as const))('%s', async (_title, index) => {
    const [, , expected, phase] = ANSWERS[index]!;
    const { status } = await shared.rollout(names[index]!);
    expect(measured(names[index]!)).toMatch(expected);
    expect(runOf(names[index]!)?.status?.phase).toBe(phase);
    const held = {
      phase: 'Paused',
      message: expect.stringMatching(/a person decides, because AnalysisRun \S+ is inconclusive/) as string,
    };
    const takenBack = { phase: 'Degraded', abort: true, message: expect.stringMatching(/success-rate/) as string };
    expect(status).toMatchObject(phase === 'Inconclusive' ? held : takenBack);
    expect(status?.stableRS).not.toBe(status?.currentPodHash);
  });

  it('what cannot be measured is looked at ten times a minute at most', async () => {
    const before = all.map((name) => shared.passes(name));
    await shared.clock.advanceBy(3 * MINUTE);
    const passes = all.map((name, index) => shared.passes(name) - (before[index] ?? 0));
    expect(Math.max(...passes)).toBeLessThanOrEqual(30);
  });
});

it('a condition that does not parse: where, before anything is measured', async () => {
  start();
  const options = { canary: judgedBy('success') };
  await cluster.apply(...network(), template('success'), web(options));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.apply(template('success', { successCondition: 'result[0] >=' }), web({ ...options, image: 'v2' }));
  await cluster.clock.advanceBy(5 * MINUTE);
  const { status } = await cluster.rollout('web');
  expect(status?.message).toBe(
    'InvalidSpec: The Rollout "web" is invalid: spec.strategy.canary.analysis.templates: Invalid value: "success": AnalysisTemplate/success: metric \'success-rate\': successCondition "result[0] >=": unexpected end of expression (1:12)',
  );
  expect(status?.abort).toBeUndefined();
  expect(cluster.runs()).toEqual([]);
  await cluster.apply(template('success'));
  await cluster.until('web', isPausedAt(1), MINUTE);
});

it('a Secret without the key', async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'token', namespace: 'default' },
    data: { other: 'c2VjcmV0' },
  };
  const metric = {
    provider: {
      prometheus: { address: 'http://p', query: 'x', headers: [{ key: 'Authorization', value: '{{args.token}}' }] },
    },
  };
  start();
  const base = template('success', metric);
  const args = [{ name: 'token', valueFrom: { secretKeyRef: { name: 'token', key: 'token' } } }];
  const judge = { ...base, spec: { ...base.spec, args } } as AnalysisTemplate;
  const options = {
    steps: [{ setWeight: 50 }, { pause: { untilVerified: true } }],
    canary: { analysis: { templates: [{ templateName: 'success' }] } },
  };
  await cluster.apply(...network(), judge, secret, web(options));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.apply(web({ ...options, image: 'v2' }));
  await cluster.clock.advanceBy(3 * MINUTE);
  const message = cluster.runs()[0]?.status?.metricResults?.[0]?.measurements?.[0]?.message;
  expect(message).toMatch(/key 'token' does not exist in secret 'token'/);
  expect(JSON.stringify([cluster.runs(), cluster.stored('argoproj.io/rollouts'), cluster.events])).not.toContain(
    'c2VjcmV0',
  );
  expect((await cluster.rollout('web')).status?.phase).not.toBe('Healthy');
});
