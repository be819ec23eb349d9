import { describe, expect, it } from 'vitest';
import type { Ingress, KubeObject } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import type { TrafficIntent } from '../../src/core/traffic/intent.ts';
import { canaryIngressName, NginxRouter } from '../../src/traffic/nginx.ts';
import { MemoryKube } from '../support/memory-kube.ts';
import { describeRouter } from './router.suite.ts';

const rollout = (nginx: object = { stableIngress: 'api-ingress' }): Rollout => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'api', namespace: 'shop', uid: 'uid-api' },
  spec: {
    strategy: {
      canary: { canaryService: 'api-canary', stableService: 'api-stable', trafficRouting: { nginx } },
    },
  },
});

const path = (service: string, at: string) => ({
  path: at,
  pathType: 'Prefix',
  backend: { service: { name: service, port: { number: 80 } } },
});

const stableIngress = (name = 'api-ingress', service = 'api-stable'): Ingress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name,
    namespace: 'shop',
    annotations: { 'kubernetes.io/ingress.class': 'nginx', 'nginx.ingress.kubernetes.io/proxy-body-size': '8m' },
  },
  spec: {
    ingressClassName: 'nginx',
    tls: [{ hosts: ['shop.example'], secretName: 'shop-tls' }],
    rules: [
      { host: 'shop.example', http: { paths: [path(service, '/'), path('docs', '/docs')] } },
      { host: 'other.example', http: { paths: [path('other', '/')] } },
      { host: 'bare.example' },
    ],
  },
});

const intent = (canaryWeight: number, extra: Partial<TrafficIntent> = {}): TrafficIntent => ({
  canaryWeight,
  maxWeight: 100,
  explicitMaxWeight: false,
  canaryService: 'api-canary',
  stableService: 'api-stable',
  canaryHash: 'b',
  stableHash: 'a',
  ...extra,
});

const canaryOf = (kube: MemoryKube, name = 'api-api-ingress-canary'): Ingress | undefined =>
  kube.current<Ingress>({ kind: 'Ingress', metadata: { name, namespace: 'shop' } });

const weightIn = (kube: MemoryKube): number | undefined => {
  const annotations = canaryOf(kube)?.metadata.annotations;
  return annotations === undefined ? undefined : Number(annotations['nginx.ingress.kubernetes.io/canary-weight']);
};

describeRouter({
  name: 'nginx',
  router: new NginxRouter(),
  rollout: rollout(),
  objects: [stableIngress()],
  weightIn,
  breakRoute: (kube) => kube.remove('Ingress', 'shop', 'api-ingress'),
});

describe('nginx canary Ingress', () => {
  const apply = async (kube: MemoryKube, of: Rollout, wanted: TrafficIntent) =>
    new NginxRouter().apply(of, wanted, { reader: kube, client: kube });

  it('copies class, TLS and the rules that lead to the stable Service, and is owned by the Rollout', async () => {
    const kube = new MemoryKube([stableIngress()]);
    const { events } = await apply(kube, rollout(), intent(10));
    expect(canaryOf(kube)).toMatchObject({
      metadata: {
        annotations: {
          'kubernetes.io/ingress.class': 'nginx',
          'nginx.ingress.kubernetes.io/canary': 'true',
          'nginx.ingress.kubernetes.io/canary-weight': '10',
        },
        ownerReferences: [{ kind: 'Rollout', name: 'api', uid: 'uid-api', controller: true }],
      },
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['shop.example'], secretName: 'shop-tls' }],
        rules: [{ host: 'shop.example', http: { paths: [path('api-canary', '/'), path('docs', '/docs')] } }],
      },
    });
    expect(events.map(({ reason }) => reason)).toEqual(['CreatingCanaryIngress']);
  });

  it('adds annotations with the prefix, verbatim ones as they are, and a total only when it is set', async () => {
    const kube = new MemoryKube([stableIngress()]);
    const nginx = {
      stableIngress: 'api-ingress',
      annotationPrefix: 'custom.example',
      additionalIngressAnnotations: { 'canary-by-header': 'X-Canary', 'custom.example/canary-by-cookie': 'c' },
      canaryIngressAnnotations: { 'other.example/key': 'v' },
    };
    await apply(kube, rollout(nginx), intent(10, { maxWeight: 1000, explicitMaxWeight: true }));
    expect(canaryOf(kube)?.metadata.annotations).toEqual({
      'kubernetes.io/ingress.class': 'nginx',
      'custom.example/canary': 'true',
      'custom.example/canary-weight': '10',
      'custom.example/canary-weight-total': '1000',
      'custom.example/canary-by-header': 'X-Canary',
      'custom.example/canary-by-cookie': 'c',
      'other.example/key': 'v',
    });
  });

  it("writes only what differs, and leaves others' annotations", async () => {
    const kube = new MemoryKube([stableIngress()]);
    await apply(kube, rollout(), intent(10));
    const canary = canaryOf(kube) as Ingress;
    kube.put({
      ...canary,
      metadata: { ...canary.metadata, annotations: { ...canary.metadata.annotations, theirs: '1' } },
    });
    const { events } = await apply(kube, rollout(), intent(30));
    expect(kube.writes.at(-1)?.body).toEqual({
      metadata: { annotations: { 'nginx.ingress.kubernetes.io/canary-weight': '30' } },
    });
    expect(canaryOf(kube)?.metadata.annotations).toMatchObject({ theirs: '1' });
    expect(events).toEqual([
      {
        type: 'Normal',
        reason: 'PatchingCanaryIngress',
        message: "Updating Ingress `api-api-ingress-canary` to desiredWeight '30'",
      },
    ]);
  });

  it('follows a changed rule of the stable Ingress', async () => {
    const kube = new MemoryKube([stableIngress()]);
    await apply(kube, rollout(), intent(10));
    const changed = stableIngress();
    const moved: Ingress = {
      ...changed,
      spec: { ...changed.spec, rules: [{ host: 'new.example', http: { paths: [path('api-stable', '/')] } }] },
    };
    kube.put(moved);
    await apply(kube, rollout(), intent(10));
    expect(canaryOf(kube)?.spec?.rules).toEqual([{ host: 'new.example', http: { paths: [path('api-canary', '/')] } }]);
  });

  it('refuses an Ingress without a rule for the stable Service, with the remedy', async () => {
    const kube = new MemoryKube([stableIngress('api-ingress', 'another')]);
    await expect(apply(kube, rollout(), intent(10))).rejects.toThrow(
      'ingress `api-ingress` has no rules using service api-stable backend; route a path to that Service',
    );
  });

  it('never touches a canary Ingress of somebody else, and reports it', async () => {
    const foreign: KubeObject = {
      kind: 'Ingress',
      metadata: { name: 'api-api-ingress-canary', namespace: 'shop', annotations: {} },
    };
    const kube = new MemoryKube([stableIngress(), foreign]);
    const observed = await new NginxRouter().observe(rollout(), { reader: kube, client: kube });
    expect(observed.problem).toContain('is not controlled by Rollout "api"');
    await expect(apply(kube, rollout(), intent(10))).rejects.toThrow('delete or rename it');
    expect(kube.writes).toEqual([]);
  });

  it('writes every Ingress even when one of them fails, and does not call differing weights verified', async () => {
    const both = rollout({ stableIngresses: ['missing', 'api-ingress'] });
    const kube = new MemoryKube([stableIngress()]);
    await expect(apply(kube, both, intent(20))).rejects.toThrow('Ingress "missing"');
    expect(weightIn(kube)).toBe(20);
    expect(await new NginxRouter().observe(both, { reader: kube, client: kube })).toMatchObject({
      weight: 20,
      verified: false,
    });
  });

  it('adopts its own canary Ingress when the cache has not seen it yet', async () => {
    const kube = new MemoryKube([stableIngress()]);
    await apply(kube, rollout(), intent(10));
    const lagging = {
      find: (resource: never, key: { name: string }) =>
        key.name.endsWith('-canary') ? Promise.resolve(undefined) : kube.find(resource, key),
    };
    await new NginxRouter().apply(rollout(), intent(30), { reader: lagging as never, client: kube });
    expect(weightIn(kube)).toBe(30);
  });

  it('cuts long names so that they stay valid', () => {
    const name = canaryIngressName('r'.repeat(200), 'i'.repeat(100));
    expect(name).toHaveLength(253);
    expect(name.endsWith('i-canary')).toBe(true);
  });
});
