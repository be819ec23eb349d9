import { afterEach, describe, expect, it } from 'vitest';
import type { AnalysisTemplate } from '../../../src/api/analysis.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import { silentLogger } from '../../../src/telemetry/logger.ts';
import { authorizing } from '../../support/authorizer.ts';
import type { ControllerProcess } from '../../support/controller-process.ts';
import { type RbacRequest, RbacRules } from '../../support/rbac-rules.ts';
import { manifestsIn, TestCluster } from '../../support/test-cluster.ts';
import {
  isAborted,
  isHealthy,
  isPausedAt,
  isPromoted,
  judgedBy,
  MINUTE,
  network,
  SECOND,
  template,
  web,
} from './fixtures.ts';

/** What the controller does with the permissions that it is shipped with, and without one of them. */

let cluster: TestCluster;
afterEach(() => cluster.stopController());

/** A controller that may do all but what `isDenied` says, which may change. */
function startWithout(isDenied: (request: RbacRequest) => boolean): ControllerProcess {
  return cluster.startController({ hooks: authorizing((request) => !isDenied(request)) });
}

/** Judged by success-rate, which takes every kind that the controller watches but cluster-scoped templates. */
const JUDGED = { canary: judgedBy('success') };
/** Needs no Service, no route and no template. */
const PLAIN = web({ name: 'plain', spec: { strategy: { canary: { steps: [] } } } });

describe('a kind that only some Rollouts need and that may not be read', () => {
  it.each([
    ['services', 'services'],
    ['endpointslices', 'endpointslices.discovery.k8s.io'],
    ['ingresses', 'ingresses.networking.k8s.io'],
    ['analysistemplates', 'analysistemplates.argoproj.io'],
  ])('%s: those that need it say so and stand still, the others go on', async (resource, name) => {
    cluster = new TestCluster({ prometheus: () => ['1'] });
    let isDenied = true;
    const process = startWithout((request) => isDenied && request.resource === resource);
    await cluster.apply(...network(), template('success'), web(JUDGED), PLAIN);
    await cluster.until('plain', isHealthy, MINUTE);
    await cluster.clock.advanceBy(MINUTE);
    const { status } = await cluster.rollout('web');
    expect(status).toMatchObject({
      phase: 'Progressing',
      conditions: [
        { type: 'Ready', status: 'Unknown' },
        { type: 'Blocked', reason: 'NotReadable' },
      ],
    });
    expect(status?.message).toMatch(
      new RegExp(
        `^cannot read ${name}: .*cannot list resource "${resource}".*; grant the controller "list" and "watch"`,
      ),
    );
    const touched = process.writes.map(({ text }) => text).filter((text) => text.includes('web'));
    expect(new Set(touched)).toEqual(new Set(['PATCH rollouts/web/status']));

    isDenied = false;
    const healthy = await cluster.until('web', isHealthy, 2 * MINUTE);
    expect(healthy.status?.conditions?.some(({ type }) => type === 'Blocked')).toBe(false);
  });

  it('cluster-scoped templates, by a controller of one namespace: the Rollout says so and stands still', async () => {
    cluster = new TestCluster({ prometheus: () => ['1'] });
    const process = cluster.startController({ namespace: 'default' });
    const templates = [{ templateName: 'success', clusterScope: true }];
    await cluster.apply(...network(), web({ canary: { analysis: { templates } } }));
    await cluster.clock.advanceBy(MINUTE);
    expect((await cluster.rollout('web')).status?.message).toBe(
      'a controller of one namespace (--namespaced) reads no ClusterAnalysisTemplates: use an AnalysisTemplate',
    );
    expect(process.writes.map(({ text }) => text)).toEqual(['PATCH rollouts/web/status']);
    await cluster.apply(template('success'), web(JUDGED));
    await cluster.until('web', isHealthy, MINUTE);
  });

  it('a release under way is left as it stands until it can be read again', async () => {
    cluster = new TestCluster({ prometheus: () => ['1'] });
    cluster.startController();
    await cluster.apply(...network(), template('success'), web(JUDGED));
    await cluster.until('web', isHealthy, MINUTE);
    await cluster.apply(web({ ...JUDGED, image: 'v2' }));
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    await cluster.stopController();
    let isDenied = true;
    const process = startWithout(({ resource }) => isDenied && resource === 'endpointslices');
    await cluster.clock.advanceBy(3 * MINUTE);
    expect(process.writes.map(({ text }) => text).filter((text) => !text.includes('analysisruns'))).toEqual([
      'PATCH rollouts/web/status',
    ]);
    isDenied = false;
    await cluster.until('web', isPausedAt(1), MINUTE);
    await cluster.patch('web', { status: { pauseConditions: null } }, 'status');
    await cluster.until('web', isPromoted, 5 * MINUTE);
  });
});

it.each(['rollouts', 'replicasets', 'pods', 'analysisruns'])(
  '%s, which every Rollout needs: nothing is written, and the log names the permission',
  async (resource) => {
    const warnings: string[] = [];
    cluster = new TestCluster({ logger: { ...silentLogger, warn: (_, text) => warnings.push(text) } });
    let isDenied = true;
    const process = startWithout((request) => isDenied && request.resource === resource);
    await cluster.apply(PLAIN);
    await cluster.clock.advanceBy(MINUTE);
    expect(process.assembly.manager.ready).toBe(false);
    expect(process.writes).toEqual([]);
    expect(warnings.join('\n')).toMatch(
      new RegExp(
        `still waiting for the first lists: cannot read ${resource}.*; grant the controller "list" and "watch"`,
      ),
    );
    isDenied = false;
    await cluster.until('plain', isHealthy, 2 * MINUTE);
  },
);

it('a Secret that may not be read is an error of the measurement, with the remedy', async () => {
  cluster = new TestCluster({ prometheus: () => ['1'] });
  startWithout(({ resource }) => resource === 'secrets');
  const prometheus = { address: 'http://p', query: 'x', headers: [{ key: 'Authorization', value: '{{args.token}}' }] };
  const base = template('success', { provider: { prometheus } });
  const args = [{ name: 'token', valueFrom: { secretKeyRef: { name: 'token', key: 'token' } } }];
  const judge = { ...base, spec: { ...base.spec, args } } as AnalysisTemplate;
  await cluster.apply(...network(), judge, web(JUDGED));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.apply(web({ ...JUDGED, image: 'v2' }));
  await cluster.clock.advanceBy(3 * MINUTE);
  const message = cluster.runs()[0]?.status?.metricResults?.[0]?.measurements?.[0]?.message;
  expect(message).toContain('secrets "token" is forbidden: grant the controller "get" on it in namespace "default"');
});

it('a release, an abort, a retry and a restart need no more than deploy/ grants', async () => {
  const account = { namespace: 'argo-rollouts', name: 'linnet-controller' };
  const roles = ['role.yaml', 'analysis-secrets-role.yaml'].flatMap((file) => manifestsIn(`deploy/cluster/${file}`));
  const rules = new RbacRules(roles, account);
  const denied: RbacRequest[] = [];
  cluster = new TestCluster({ prometheus: () => ['1'] });
  const hooks = authorizing((request) => {
    const isAllowed = rules.allows(request);
    if (!isAllowed) denied.push(request);
    return isAllowed;
  });
  cluster.startController({ hooks });
  await cluster.apply(...network(), template('success'), web(JUDGED));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.apply(web({ ...JUDGED, image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.patch('web', { status: { abort: true } }, 'status');
  await cluster.until('web', isAborted, MINUTE);
  await cluster.patch('web', { status: { abort: false } }, 'status');
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.patch('web', { status: { pauseConditions: null } }, 'status');
  await cluster.until('web', isPromoted, 5 * MINUTE);
  const restartAt = formatTimestamp(cluster.clock.now());
  await cluster.patch('web', { spec: { restartAt } });
  await cluster.until('web', ({ status }) => status?.restartedAt === restartAt, 10 * MINUTE);
  await cluster.clock.advanceBy(30 * SECOND);
  expect(denied).toEqual([]);
});
