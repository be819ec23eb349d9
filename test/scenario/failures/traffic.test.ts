import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Ingress, KubeObject, Service } from '../../../src/api/core-types.ts';
import { DEPLOYMENTS, INGRESSES, PODS, SERVICES } from '../../../src/kube/resources.ts';
import type { KubeRequest } from '../../../src/kube/transport.ts';
import { refusal } from '../../support/answers.ts';
import { DataPlane } from '../../support/data-plane.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  ingress,
  isAborted,
  isHealthy,
  isPausedAt,
  isPromoted,
  judgedBy,
  MINUTE,
  network,
  observe,
  runningWeb,
  SECOND,
  service,
  template,
  type WebOptions,
  web,
} from '../release/fixtures.ts';
import { ABORT, HASH_LABEL, isReady, pausedWeb, podsOf, RESUME, RETRY, remove, WEIGHT, weightOn } from './given.ts';

const SERVICES_OF_WEB = { rollout: 'web', canaryService: 'web-canary', stableService: 'web-stable' };

/** Version 1 runs behind a router whose propagation times the operator knows. */
async function behindSlowRouter(
  options: WebOptions,
  propagationMs: number,
  lags: Pick<ConstructorParameters<typeof DataPlane>[1], 'weightLag' | 'endpointLag' | 'seed'>,
) {
  const cluster = new TestCluster();
  const dataPlane = new DataPlane(cluster, { ...SERVICES_OF_WEB, ...lags });
  cluster.startController({ routers: { nginxPropagationMs: propagationMs } });
  await cluster.apply(...network(), web(options));
  await cluster.until('web', isHealthy, 5 * MINUTE);
  await cluster.clock.advanceBy(propagationMs + 5 * SECOND);
  dataPlane.arm();
  await cluster.apply(web({ ...options, image: 'v2' }));
  return { cluster, dataPlane };
}

const exactly = (seconds: number) => ({ minMs: seconds * SECOND, maxMs: seconds * SECOND });
const upTo = (seconds: number) => ({ minMs: 0, maxMs: seconds * SECOND });

it.each([
  ['F15 final cutover, weights after 8 s and endpoints after 18 s', exactly(8), exactly(18)],
  ['F15 final cutover, weights after 18 s and endpoints after 8 s', exactly(18), exactly(8)],
  ['F15 final cutover, weights at once and endpoints after 30 s', exactly(0), exactly(30)],
  ['F15 final cutover, weights after 30 s and endpoints at once', exactly(30), exactly(0)],
  ['F15 final cutover, both at random', upTo(30), upTo(30)],
])('%s: no request is lost', async (_title, weightLag, endpointLag) => {
  const options = { steps: [{ setWeight: 50 }] };
  const { cluster, dataPlane } = await behindSlowRouter(options, 31 * SECOND, { weightLag, endpointLag });
  await cluster.until('web', isPromoted, 10 * MINUTE);
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(dataPlane.weights).toEqual([0, 50, 100, 0]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

const writesWeight = ({ method, path, body }: KubeRequest): boolean =>
  method !== 'GET' && path.includes('/ingresses') && String(body).includes(WEIGHT);

it('F16 provider throttled at the end: old pods stay, and the reason is said', async () => {
  let isThrottled = false;
  const options = { steps: [{ setWeight: 50 }], spec: { progressDeadlineSeconds: 1_200 } };
  const { cluster, dataPlane } = await runningWeb(options, {
    hooks: {
      before: (request) =>
        isThrottled && writesWeight(request) ? refusal(500, 'InternalError', 'Throttling: rate exceeded') : undefined,
    },
  });
  const stable = (await cluster.rollout('web')).status?.stableRS ?? '';
  await cluster.apply(web({ ...options, image: 'v2' }));
  await cluster.clock.runUntil(() => weightOn(cluster) === '50', MINUTE);
  isThrottled = true;
  for (let minute = 1; minute <= 10; minute += 1) {
    await cluster.clock.advanceBy(MINUTE);
    const { status } = await cluster.rollout('web');
    expect(status?.phase).toBe('Progressing');
    expect(status?.message).toContain('Throttling: rate exceeded');
    expect(podsOf(cluster, stable)).toHaveLength(4);
  }
  isThrottled = false;
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F18 abort while stable is half up: again after a retry, and no share outgrows its pods', async () => {
  const kubelet = { behaviour: () => ({ readyAfterMs: 20 * SECOND, stopsAfterMs: SECOND }) };
  const { cluster, dataPlane, stable } = await pausedWeb({}, { kubelet });
  await cluster.patch('web', { spec: { replicas: 12 } });
  await cluster.clock.advanceBy(SECOND);
  await cluster.patch('web', ABORT, 'status');
  await cluster.clock.advanceBy(5 * SECOND);
  await cluster.patch('web', RETRY, 'status');
  await cluster.clock.advanceBy(3 * SECOND);
  await cluster.patch('web', ABORT, 'status');
  await cluster.until('web', isAborted, 5 * SECOND);
  await cluster.clock.advanceBy(2 * MINUTE);
  expect([...dataPlane.shares]).toEqual([[stable, 1]]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F20 v3 during v2: the canary Service changes when no request reaches v2, whose pods drain', async () => {
  const { cluster, dataPlane, canary: second } = await pausedWeb();
  let shareOfSecond: number | undefined;
  let switchedAt = 0;
  cluster.server.context.storage.subscribe(({ collection, object }) => {
    const isSwitch = collection === '/services' && object.metadata.name === 'web-canary';
    if (!isSwitch || (object as Service).spec?.selector?.[HASH_LABEL] === second) return;
    shareOfSecond ??= dataPlane.shares.get(second) ?? 0;
    switchedAt ||= cluster.clock.now();
  });
  await cluster.apply(web({ image: 'v3' }));
  await cluster.until('web', isPausedAt(1), 5 * MINUTE);
  expect(shareOfSecond).toBe(0);
  await cluster.clock.advanceTo(switchedAt + 29 * SECOND);
  expect(podsOf(cluster, second)).toHaveLength(1);
  await cluster.clock.advanceBy(30 * SECOND);
  expect(podsOf(cluster, second)).toEqual([]);
  expect(dataPlane.weights).toEqual([0, 25, 0, 25]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

describe('F28 canary pods die mid-step:', () => {
  const options = { replicas: 5, steps: [{ setWeight: 20 }, { pause: {} }, { setWeight: 60 }] };

  async function crashingWeb(extra: WebOptions = {}) {
    let isCrashing = false;
    const behaviour = () => ({ readyAfterMs: isCrashing ? undefined : SECOND, stopsAfterMs: SECOND });
    const world = await pausedWeb({ ...options, ...extra }, { kubelet: { behaviour } });
    const crash = async (isFatal: boolean): Promise<void> => {
      isCrashing = isFatal;
      await remove(world.cluster, PODS, podsOf(world.cluster, world.canary));
    };
    return { ...world, crash };
  }

  it('the weight goes to 0 with the next pass, and comes back with them', async () => {
    const { cluster, crash } = await crashingWeb();
    await crash(true);
    await cluster.clock.advanceBy(2 * SECOND);
    expect(weightOn(cluster)).toBe('0');
    expect((await cluster.rollout('web')).status?.currentStepIndex).toBe(1);
    await crash(false);
    await cluster.clock.advanceBy(30 * SECOND);
    expect(weightOn(cluster)).toBe('20');
    expect((await cluster.rollout('web')).status?.currentStepIndex).toBe(1);
    await cluster.stopController();
  });

  it('after the deadline it is a failure', async () => {
    const spec = { progressDeadlineSeconds: 60, progressDeadlineAbort: true };
    const { cluster, dataPlane, stable, crash } = await crashingWeb({ spec });
    await cluster.patch('web', RESUME, 'status');
    await crash(true);
    const aborted = await cluster.until('web', isAborted, 3 * MINUTE);
    expect(aborted.status?.message).toContain('has timed out progressing');
    await cluster.clock.advanceBy(MINUTE);
    expect([...dataPlane.shares]).toEqual([[stable, 1]]);
    await cluster.stopController();
  });
});

it('F29 node drain evicts all canaries: no abort for want of traffic, and the analysis says it was blind', async () => {
  let share = (): number => 0;
  let isBroken = false;
  const judged = { steps: [{ setWeight: 50 }, { pause: {} }], canary: judgedBy('success') };
  const kubelet = { behaviour: () => ({ readyAfterMs: isBroken ? 90 * SECOND : SECOND, stopsAfterMs: SECOND }) };
  const { cluster, dataPlane, canary } = await pausedWeb(
    judged,
    { kubelet, prometheus: () => [share() > 0 ? '0.99' : 'NaN'] },
    [template('success')],
  );
  share = () => dataPlane.shares.get(canary) ?? 0;
  await cluster.clock.advanceBy(30 * SECOND);
  isBroken = true;
  for (const { metadata } of podsOf(cluster, canary)) {
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: metadata.name ?? '', namespace: 'default' },
    };
    await cluster.client.createSubresource(
      PODS,
      { namespace: 'default', name: metadata.name ?? '' },
      'eviction',
      eviction,
    );
  }
  await cluster.clock.advanceBy(2 * SECOND);
  expect(weightOn(cluster)).toBe('0');
  await cluster.clock.advanceBy(30 * SECOND);
  const blind = cluster.runs()[0]?.status?.metricResults?.[0]?.measurements?.at(-1);
  expect(blind).toMatchObject({ phase: 'Error', metadata: { 'linnet.dev/blind': 'not-a-number' } });
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(weightOn(cluster)).toBe('50');
  expect((await cluster.rollout('web')).status).toMatchObject({ phase: 'Paused', currentStepIndex: 1 });
  expect((await cluster.rollout('web')).status?.abort).toBeUndefined();
  await cluster.stopController();
});

it('F30 crash-looping canary plus router error for ever: Degraded at the deadline, aborted, and the next can start', async () => {
  let isBroken = false;
  const options = { spec: { progressDeadlineSeconds: 60, progressDeadlineAbort: true } };
  const { cluster, dataPlane } = await runningWeb(options, {
    kubelet: { behaviour: () => ({ readyAfterMs: isBroken ? undefined : SECOND, stopsAfterMs: SECOND }) },
    hooks: {
      before: (request) =>
        isBroken && writesWeight(request) ? refusal(500, 'InternalError', 'webhook down') : undefined,
    },
  });
  isBroken = true;
  await cluster.apply(web({ ...options, image: 'v2' }));
  const aborted = await cluster.until('web', isAborted, 2 * MINUTE);
  expect(aborted.status?.phase).toBe('Degraded');
  await cluster.apply(web({ ...options, image: 'v3' }));
  const third = await cluster.until('web', ({ status }) => status?.phase === 'Progressing', 10 * SECOND);
  expect(third.status?.currentPodHash).not.toBe(aborted.status?.currentPodHash);
  await cluster.clock.advanceBy(10 * SECOND);
  expect(podsOf(cluster, third.status?.currentPodHash ?? '')).toHaveLength(1);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F30 abort while the router refuses every write: is said at once, and carried out as soon as it accepts one', async () => {
  let isBroken = false;
  const { cluster, dataPlane, stable } = await pausedWeb(
    {},
    {
      hooks: {
        before: (request) =>
          isBroken && writesWeight(request) ? refusal(500, 'InternalError', 'webhook down') : undefined,
      },
    },
  );
  isBroken = true;
  await cluster.patch('web', ABORT, 'status');
  const aborted = await cluster.until('web', isAborted, 5 * SECOND);
  expect(aborted.status?.phase).toBe('Degraded');
  await cluster.clock.advanceBy(2 * MINUTE);
  expect((await cluster.rollout('web')).status?.message).toContain('webhook down');
  isBroken = false;
  await cluster.clock.advanceBy(40 * SECOND);
  expect([...dataPlane.shares]).toEqual([[stable, 1]]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F31 first adoption: a Service that serves a Deployment is switched when all pods of the Rollout are available', async () => {
  const cluster = new TestCluster({
    kubelet: {
      behaviour: ({ metadata }) => ({
        readyAfterMs:
          metadata.labels?.[HASH_LABEL] === undefined
            ? SECOND
            : Number(metadata.name?.charCodeAt(metadata.name.length - 1)) * 300,
        stopsAfterMs: SECOND,
      }),
    },
  });
  const dataPlane = observe(cluster);
  const { selector, template: pods } = web().spec;
  await cluster.apply(...network());
  await cluster.client.create(DEPLOYMENTS, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 4, selector, template: pods },
  } as KubeObject);
  await cluster.clock.advanceBy(20 * SECOND);
  dataPlane.arm();
  const availableAtSwitch: number[] = [];
  cluster.server.context.storage.subscribe(({ collection, object }) => {
    const hash = collection === '/services' ? (object as Service).spec?.selector?.[HASH_LABEL] : undefined;
    if (hash !== undefined) availableAtSwitch.push(podsOf(cluster, hash).filter(isReady).length);
  });
  cluster.startController();
  await cluster.apply(web());
  await cluster.until('web', isHealthy, 5 * MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  expect(availableAtSwitch.length).toBeGreaterThanOrEqual(2);
  expect(new Set(availableAtSwitch)).toEqual(new Set([4]));
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F32 old hash still referenced: its pods stay as long as any Service selects them', async () => {
  const { cluster, dataPlane, stable } = await pausedWeb({ canary: { scaleDownDelaySeconds: 5 } });
  const selector = { app: 'web', [HASH_LABEL]: stable };
  const pinned: Service = { ...service('pinned', 'web'), spec: { selector, ports: [{ port: 80 }] } };
  await cluster.apply(pinned);
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', ({ status }) => status?.stableRS !== stable, 5 * MINUTE);
  await cluster.clock.advanceBy(10 * MINUTE);
  expect(podsOf(cluster, stable)).toHaveLength(4);
  await remove(cluster, SERVICES, [pinned]);
  await cluster.clock.advanceBy(30 * SECOND);
  expect(podsOf(cluster, stable)).toEqual([]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F33 weights edited by hand: put right within 5 s, and a deleted route is made again', async () => {
  const { cluster } = await pausedWeb();
  const key = { namespace: 'default', name: 'web-web-canary' };
  const patch = { metadata: { annotations: { [WEIGHT]: '90' } } };
  await cluster.client.patch(INGRESSES, key, { type: 'merge', patch });
  await cluster.clock.advanceBy(5 * SECOND);
  expect(weightOn(cluster)).toBe('25');
  await cluster.client.delete(INGRESSES, key);
  await cluster.clock.advanceBy(20 * SECOND);
  expect(weightOn(cluster)).toBe('25');
  await cluster.stopController();
});

it('F36 two Rollouts share a route, interleaved: each changes its own backends only', async () => {
  const cluster = new TestCluster();
  const routed = (name: string, image: string) =>
    web({ name, image, canary: { trafficRouting: { nginx: { stableIngress: 'shared' } } } });
  const [first, second] = [ingress('shared', 'a-stable'), ingress('shared', 'b-stable')];
  const shared: Ingress = {
    ...first,
    spec: {
      ...first.spec,
      rules: [
        ...(first.spec?.rules ?? []),
        ...(second.spec?.rules ?? []).map((rule) => ({ ...rule, host: 'b.example.com' })),
      ],
    },
  };
  const planes = ['a', 'b'].map(
    (rollout) =>
      new DataPlane(cluster, { rollout, canaryService: `${rollout}-canary`, stableService: `${rollout}-stable` }),
  );
  cluster.startController();
  await cluster.apply(
    ...network('a').slice(0, 2),
    ...network('b').slice(0, 2),
    shared,
    routed('a', 'v1'),
    routed('b', 'v1'),
  );
  for (const name of ['a', 'b']) await cluster.until(name, isHealthy, MINUTE);
  await cluster.clock.advanceBy(10 * SECOND);
  for (const plane of planes) plane.arm();
  const version = () => cluster.find('networking.k8s.io/ingresses', 'shared')?.metadata.resourceVersion;
  const untouched = version();
  await cluster.apply(routed('a', 'v2'));
  await cluster.clock.advanceBy(2 * SECOND);
  await cluster.apply(routed('b', 'v2'));
  for (const name of ['a', 'b']) await cluster.until(name, isPausedAt(1), 2 * MINUTE);
  await cluster.patch('a', RESUME, 'status');
  await cluster.until('a', isPromoted, 3 * MINUTE);
  const weightOfB = cluster.find('networking.k8s.io/ingresses', 'b-shared-canary')?.metadata.annotations?.[WEIGHT];
  expect(weightOfB).toBe('25');
  await cluster.patch('b', ABORT, 'status');
  await cluster.clock.advanceBy(MINUTE);
  expect(planes.map(({ weights }) => weights)).toEqual([
    [0, 25, 50, 100, 0],
    [0, 25, 0],
  ]);
  expect(version()).toBe(untouched);
  expect(planes.flatMap(({ violations }) => violations)).toEqual([]);
  await cluster.stopController();
});

it('F37 foreign backends, annotations and fields are the same after a release', async () => {
  const foreign = {
    metadata: { annotations: { 'example.com/owner': 'shop', 'nginx.ingress.kubernetes.io/limit-rps': '5' } },
  };
  const { cluster, dataPlane } = await pausedWeb();
  const canaryKey = { namespace: 'default', name: 'web-web-canary' };
  await cluster.client.patch(INGRESSES, canaryKey, { type: 'merge', patch: foreign });
  for (const name of ['web-stable', 'web-canary']) {
    const patch = {
      ...foreign,
      spec: {
        sessionAffinity: 'ClientIP',
        ports: [
          { name: 'http', port: 80 },
          { name: 'admin', port: 9000 },
        ],
      },
    };
    await cluster.client.patch(SERVICES, { namespace: 'default', name }, { type: 'merge', patch });
  }
  const seen = () =>
    JSON.stringify([...cluster.stored('/services'), ...cluster.stored('networking.k8s.io/ingresses')].map(withoutOurs));
  const before = seen();
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isPromoted, 5 * MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  expect(seen()).toBe(before);
  expect(before).toContain('limit-rps');
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

/** An object without what the controller owns: hash in the selector, weight, and what the server keeps about writes. */
function withoutOurs(object: KubeObject): unknown {
  const {
    managedFields: _managed,
    resourceVersion: _version,
    generation: _generation,
    annotations,
    ...metadata
  } = object.metadata;
  const { [WEIGHT]: _weight, ...rest } = annotations ?? {};
  const { spec } = object as Service;
  const { [HASH_LABEL]: _hash, ...selector } = spec?.selector ?? {};
  return { ...object, metadata: { ...metadata, annotations: rest }, spec: { ...spec, selector } };
}

it('F40 routers with empty backends: at 0 and 100 % and after an abort both Services have endpoints', async () => {
  const options = { steps: [{ setWeight: 0 }, { setWeight: 50 }, { setWeight: 100 }, { pause: {} }] };
  const { cluster, dataPlane } = await runningWeb(options);
  const fewest = new Map<string, number>();
  cluster.server.context.storage.subscribe(({ collection, object }) => {
    if (collection !== 'discovery.k8s.io/endpointslices') return;
    const name = object.metadata.labels?.['kubernetes.io/service-name'] ?? '';
    const ready = ((object as unknown as EndpointSlice).endpoints ?? []).filter(
      ({ conditions }) => conditions?.ready !== false,
    );
    fewest.set(name, Math.min(fewest.get(name) ?? Number.POSITIVE_INFINITY, ready.length));
  });
  await cluster.apply(web({ ...options, image: 'v2' }));
  await cluster.until('web', isPausedAt(3), 3 * MINUTE);
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isPromoted, 2 * MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  await cluster.apply(web({ ...options, image: 'v3' }));
  await cluster.until('web', isPausedAt(3), 3 * MINUTE);
  await cluster.patch('web', ABORT, 'status');
  await cluster.clock.advanceBy(3 * MINUTE);
  expect([...fewest.keys()].toSorted()).toEqual(['web-canary', 'web-stable']);
  expect(Math.min(...fewest.values())).toBeGreaterThan(0);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F41 abort scale-down before the router let go: the delay begins when it has', async () => {
  const options = { canary: { abortScaleDownDelaySeconds: 30 } };
  const { cluster, dataPlane } = await behindSlowRouter(options, MINUTE, {
    weightLag: exactly(59),
    endpointLag: upTo(10),
  });
  const paused = await cluster.until('web', isPausedAt(1), 10 * MINUTE);
  const canary = paused.status?.currentPodHash ?? '';
  await cluster.patch('web', ABORT, 'status');
  await cluster.clock.runUntil(() => weightOn(cluster) === '0', 5 * SECOND);
  await cluster.clock.advanceBy(89 * SECOND);
  expect(podsOf(cluster, canary)).toHaveLength(1);
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(podsOf(cluster, canary)).toEqual([]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it.each([
  ['F42 long-lived connections at a promotion', RESUME, 'stable'],
  ['F42 long-lived connections at an abort', ABORT, 'canary'],
] as const)('%s: the pods that traffic left stay alive to drain', async (_title, command, left) => {
  const options = { canary: { scaleDownDelaySeconds: 120, abortScaleDownDelaySeconds: 120 } };
  const world = await pausedWeb(options);
  const { cluster, dataPlane } = world;
  const hash = world[left];
  const before = podsOf(cluster, hash).map(({ metadata }) => metadata.uid);
  await cluster.patch('web', command, 'status');
  await cluster.clock.runUntil(() => (dataPlane.shares.get(hash) ?? 0) === 0, 5 * MINUTE);
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(podsOf(cluster, hash).map(({ metadata }) => metadata.uid)).toEqual(before);
  await cluster.clock.advanceBy(MINUTE);
  expect(podsOf(cluster, hash)).toEqual([]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});
