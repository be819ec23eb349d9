import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Rollout } from '../../src/api/rollout.ts';
import { ROLLOUTS } from '../../src/kube/resources.ts';
import { moduleFolder } from '../../src/sandbox/components/component-cache.ts';
import { Load } from '../../src/sandbox/load/load.ts';
import { type AuditEvent, isWrite } from '../support/audit-log.ts';
import { behindNginx, manifestOf, named } from './support/applications.ts';
import { LINNET } from './support/argo-rollouts.ts';
import { Flux } from './support/flux.ts';
import { lacking } from './support/machine.ts';
import { useRealCluster } from './support/real-cluster.ts';
import { sampleNetwork, samplePod, sampleRollout } from './support/sample.ts';

const missing = lacking('etcd', 'kubernetes', 'kustomize-controller');
const module = missing === undefined ? moduleFolder('kustomize-controller') : undefined;
/** Of Flux at the Rollout, an interval apart, to find out whether something has to be corrected. */
const LOOKS = 3;
const LOOKS_LIMIT_MS = 120_000;
/** Of an image that cannot be pulled: Degraded after so many seconds. */
const BAD = ['nobody/nothing:v3', 6] as const;
const STEPS = [{ setWeight: 50 }, { pause: { duration: '3s' } }];

/** An autoscaler's, so it has no number of replicas. */
const behindRoute = (image: string, deadline?: number): string =>
  JSON.stringify(
    sampleRollout({
      name: 'shop',
      pod: samplePod(image),
      annotations: { 'linnet.dev/observed-generation': 'integer' },
      progressDeadlineSeconds: deadline,
      canary: { ...behindNginx('shop'), scaleDownDelaySeconds: 2, steps: STEPS },
    }),
  );

/** There are no metrics here, so its smallest number is the one that it chooses. */
const AUTOSCALER = manifestOf([
  named('autoscaling/v2', 'HorizontalPodAutoscaler', 'shop', {
    spec: {
      scaleTargetRef: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'shop' },
      minReplicas: 3,
      maxReplicas: 4,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    },
  }),
]);

const basic = (image: string, deadline?: number): string =>
  JSON.stringify(
    sampleRollout({
      name: 'other',
      pod: samplePod(image),
      replicas: 2,
      annotations: { 'linnet.dev/observed-generation': 'string' },
      progressDeadlineSeconds: deadline,
      canary: { steps: STEPS },
    }),
  );

const isAboutThisSpec = 'has(c.observedGeneration) && c.observedGeneration == metadata.generation';
const HEALTH = [
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    current: `status.conditions.exists(c, c.type == 'Ready' && c.status == 'True' && ${isAboutThisSpec})`,
    failed: `status.conditions.exists(c, c.type == 'Ready' && c.reason == 'Degraded' && ${isAboutThisSpec})`,
  },
];

/** By Flux or by Linnet, of anything but Flux's own objects, its events, and leases. */
function isChange(event: AuditEvent): boolean {
  const { userAgent = '', objectRef } = event;
  const isTheirs = userAgent.startsWith('kustomize-controller') || userAgent.startsWith(LINNET);
  const isApart = objectRef?.namespace === 'flux-system' || objectRef?.resource === 'leases';
  return isTheirs && isWrite(event) && !isDryRun(event) && !isApart;
}

function isDryRun({ requestURI }: AuditEvent): boolean {
  return requestURI.includes('dryRun=All');
}

describe.skipIf(module === undefined)("Flux's kustomize-controller", () => {
  const cluster = useRealCluster();
  let flux: Flux;

  beforeAll(async () => {
    cluster().controller();
    flux = await Flux.start(cluster(), module ?? '');
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
      'app/network.yaml': manifestOf(sampleNetwork('shop')),
      'app/rollout.yaml': behindRoute('linnet.dev/sample-app:v1'),
    });
    const first = await flux.publish();
    await flux.follow('app', { wait: true });
    expect(await judged('app', first)).toMatchObject({ ready: 'True', rollout: { status: { phase: 'Healthy' } } });

    const load = new Load({ processes, url: nginxUrl, host: 'shop.example.com', perSecond: 50 });
    const second = await deliver('app', 'app/rollout.yaml', behindRoute('linnet.dev/sample-app:v2'));
    expect(second).toMatchObject({ ready: 'True', rollout: { status: { phase: 'Healthy' } } });
    expect(second.rollout.status?.observedGeneration).toBe(second.rollout.metadata.generation);
    expect(imageOf(second.rollout)).toBe('linnet.dev/sample-app:v2');

    const bad = await deliver('app', 'app/rollout.yaml', behindRoute(...BAD));
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

  it('finds nothing to correct, nor does Linnet, also when the autoscaler that it delivers has chosen the size', async () => {
    const { until, audit } = cluster();
    await flux.repository.commit('autoscaler', { 'app/autoscaler.yaml': AUTOSCALER });
    expect(await judged('app', await flux.publish())).toMatchObject({ ready: 'True' });
    const key = { namespace: 'default', name: 'shop' };
    // The pods of the version that was taken back have a scale-down delay of their own.
    const isSettled = ({ phase, availableReplicas, replicas }: NonNullable<Rollout['status']>): boolean =>
      phase === 'Healthy' && availableReplicas === 3 && replicas === 3;
    await until<Rollout>(ROLLOUTS, key, (rollout) => rollout?.status !== undefined && isSettled(rollout.status));
    const before = audit().length;
    const isLook = (event: AuditEvent): boolean => event.requestURI.includes('/rollouts/shop') && isDryRun(event);
    const looksSinceWrite = (): number => {
      const events = audit().slice(before);
      return events.slice(events.findLastIndex(isChange) + 1).filter(isLook).length;
    };
    const isQuiet = await vi
      .waitUntil(() => looksSinceWrite() >= LOOKS, { timeout: LOOKS_LIMIT_MS })
      .catch(() => false);
    const changes = isQuiet ? [] : audit().slice(before).filter(isChange);
    expect({ isQuiet, changes }).toEqual({ isQuiet: true, changes: [] });
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

    const bad = await deliver('other', 'other/rollout.yaml', basic(...BAD));
    expect(bad).toMatchObject({ ready: 'False', rollout: { status: { phase: 'Degraded' } } });
  });
});
