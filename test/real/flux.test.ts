import { beforeAll, describe, expect, it } from 'vitest';
import type { Rollout } from '../../src/api/rollout.ts';
import { ROLLOUTS } from '../../src/kube/resources.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { Load } from '../../src/sandbox/load/load.ts';
import { Flux } from './support/flux.ts';
import { lacking } from './support/machine.ts';
import { type AuditEvent, useRealCluster } from './support/real-cluster.ts';

const missing = lacking('etcd', 'kubernetes', 'kustomize-controller');

/** Two of Flux's syncs, and some more. */
const QUIET_MS = 25_000;

const pods = (name: string, image: string): string => `
  progressDeadlineSeconds: 10
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
        - name: app
          image: ${image}
          env: [{name: PORT, value: "18080"}]
          ports: [{name: http, containerPort: 18080}]
          readinessProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 1}
          lifecycle: {preStop: {sleep: {seconds: 2}}}`;

/** An autoscaler's, so it has no number of replicas. */
const routed = (image: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: shop
  annotations: {linnet.dev/observed-generation: integer}
spec:${pods('shop', image)}
  strategy:
    canary:
      canaryService: shop-canary
      stableService: shop-stable
      scaleDownDelaySeconds: 2
      trafficRouting: {nginx: {stableIngress: shop}}
      steps:
        - setWeight: 50
        - pause: {duration: 3s}
`;

const basic = (image: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: other
  annotations: {linnet.dev/observed-generation: string}
spec:
  replicas: 2${pods('other', image)}
  strategy: {canary: {steps: [{setWeight: 50}, {pause: {duration: 3s}}]}}
`;

/** Without a selector, which is Linnet's: docs/gitops.md. */
const service = (name: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{name: http, port: 80, targetPort: http}]}
---`;
const NETWORK = `${service('shop-stable')}${service('shop-canary')}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: shop-stable, port: {name: http}}}}
`;

const isAboutThisSpec = 'has(c.observedGeneration) && c.observedGeneration == metadata.generation';
const HEALTH = [
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    current: `status.conditions.exists(c, c.type == 'Ready' && c.status == 'True' && ${isAboutThisSpec})`,
    failed: `status.conditions.exists(c, c.type == 'Ready' && c.reason == 'Degraded' && ${isAboutThisSpec})`,
  },
];

/** Changes of anything but Flux's own objects, its events, and leases. */
function writesOf(events: readonly AuditEvent[], agent: string): readonly string[] {
  return events
    .filter(({ userAgent = '', verb, requestURI }) => {
      const isWrite = ['create', 'update', 'patch', 'delete'].includes(verb) && !requestURI.includes('dryRun=All');
      return isWrite && userAgent.startsWith(agent);
    })
    .filter(({ objectRef }) => objectRef?.namespace !== 'flux-system' && objectRef?.resource !== 'leases')
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

describe.skipIf(missing !== undefined)("Flux's kustomize-controller", () => {
  const cluster = useRealCluster(missing !== undefined);
  let flux: Flux;

  beforeAll(async () => {
    if (missing !== undefined) return;
    cluster().controller();
    flux = await Flux.start(cluster());
  });

  /** Commits, publishes, waits for the verdict of Flux, and gives it with the Rollout of that moment. */
  const deliver = async (name: string, file: string, text: string) => {
    await flux.repository.commit(`${name}: another version`, { [file]: text });
    return judged(name, await flux.publish());
  };
  const judged = async (name: string, revision: string) => {
    const { status, message } = (await flux.verdict(name, revision)) ?? {};
    const rollout = await rolloutOf(name);
    return { ready: status, message, rollout };
  };
  const rolloutOf = (name: string): Promise<Rollout> =>
    cluster().client.get<Rollout>(ROLLOUTS, { namespace: 'default', name: name === 'app' ? 'shop' : name });
  const imageOf = ({ spec }: Rollout): string | undefined => spec.template?.spec?.containers?.[0]?.image;

  it('releases by a commit, waits for the Rollout, and rolls back by git revert, and no request is lost', async () => {
    const { processes, nginxUrl } = cluster();
    await flux.repository.commit('first', {
      'app/network.yaml': NETWORK,
      'app/rollout.yaml': routed('linnet.dev/sample-app:v1'),
    });
    const first = await flux.publish();
    await flux.follow('app', { wait: true });
    expect(await judged('app', first)).toMatchObject({ ready: 'True', rollout: { status: { phase: 'Healthy' } } });

    const load = new Load({ processes, url: nginxUrl, host: 'shop.example.com', perSecond: 50 });
    const second = await deliver('app', 'app/rollout.yaml', routed('linnet.dev/sample-app:v2'));
    expect(second).toMatchObject({ ready: 'True', rollout: { status: { phase: 'Healthy' } } });
    expect(second.rollout.status?.observedGeneration).toBe(second.rollout.metadata.generation);
    expect(imageOf(second.rollout)).toBe('linnet.dev/sample-app:v2');

    const bad = await deliver('app', 'app/rollout.yaml', routed('nobody/nothing:v3'));
    expect(bad).toMatchObject({ ready: 'False', rollout: { status: { phase: 'Degraded' } } });
    expect(bad.message).toContain("Rollout/default/shop status: 'Failed'");

    await flux.repository.revertHead();
    const back = await judged('app', await flux.publish());
    expect(back).toMatchObject({ ready: 'True', rollout: { status: { phase: 'Healthy' } } });
    expect(imageOf(back.rollout)).toBe('linnet.dev/sample-app:v2');
    await load.stop();
    expect(load.windows.reduce((sum, { answers }) => sum + answers.length, 0)).toBeGreaterThan(0);
    expect(load.windows.filter(({ lost }) => lost > 0)).toEqual([]);
  });

  it('finds nothing to correct, nor does Linnet, also when an autoscaler has chosen another size', async () => {
    const { kubectl, until, audit } = cluster();
    await kubectl(['scale', 'rollout', 'shop', '--replicas=3']);
    const key = { namespace: 'default', name: 'shop' };
    // The pods of the version that was taken back have a scale-down delay of their own.
    const isSettled = ({ phase, availableReplicas, replicas }: NonNullable<Rollout['status']>): boolean =>
      phase === 'Healthy' && availableReplicas === 3 && replicas === 3;
    await until<Rollout>(ROLLOUTS, key, (rollout) => rollout?.status !== undefined && isSettled(rollout.status));
    const before = audit().length;
    await systemClock.sleep(QUIET_MS);
    const events = audit().slice(before);
    const looks = events.filter(
      ({ requestURI }) => requestURI.includes('/rollouts/shop') && requestURI.includes('dryRun=All'),
    );
    expect(looks.length).toBeGreaterThan(1);
    expect(writesOf(events, 'kustomize-controller')).toEqual([]);
    expect(writesOf(events, 'linnet-controller')).toEqual([]);
    expect((await rolloutOf('app')).spec.replicas).toBe(3);
  });

  it("judges one Rollout by expressions, while Argo Rollouts' clients keep their string", async () => {
    await flux.repository.commit('other', { 'other/rollout.yaml': basic('linnet.dev/sample-app:v1') });
    const first = await flux.publish();
    const healthChecks = [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'other', namespace: 'default' }];
    await flux.follow('other', { healthChecks, healthCheckExprs: HEALTH });
    expect(await judged('other', first)).toMatchObject({ ready: 'True', rollout: { status: { phase: 'Healthy' } } });

    const second = await deliver('other', 'other/rollout.yaml', basic('linnet.dev/sample-app:v2'));
    expect(second).toMatchObject({ ready: 'True', rollout: { status: { phase: 'Healthy' } } });
    expect(second.rollout.status?.observedGeneration).toBe(String(second.rollout.metadata.generation));
    expect(imageOf(second.rollout)).toBe('linnet.dev/sample-app:v2');

    const bad = await deliver('other', 'other/rollout.yaml', basic('nobody/nothing:v3'));
    expect(bad).toMatchObject({ ready: 'False', rollout: { status: { phase: 'Degraded' } } });
  });
});
