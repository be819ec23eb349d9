import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AnalysisRun } from '../../src/api/analysis.ts';
import type { Ingress, KubeObject } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import { ANALYSIS_RUNS, INGRESSES } from '../../src/kube/resources.ts';
import type { Child } from '../../src/sandbox/process-group.ts';
import { application, blueGreen, judgedBy, manifestOf, template } from './support/applications.ts';
import { ARGO_ROLLOUTS, LINNET, startArgoRollouts } from './support/argo-rollouts.ts';
import { HandOver, isAborted, isHealthy, isPausedAt, POLL } from './support/hand-over.ts';
import { type HeldPrometheus, holdPrometheus } from './support/held-prometheus.ts';
import { lacking } from './support/machine.ts';
import { useRealCluster } from './support/real-cluster.ts';

/**
 * Linnet takes over from Argo Rollouts' own controller, and Argo Rollouts from Linnet, wherever a release stands. The two
 * are killed, so that nothing is tidied up. What Linnet cannot do yet, blue-green among it, it leaves as it stands.
 */

const missing = lacking('etcd', 'kubernetes', 'argo-rollouts');
/**
 * Longer than all of it takes: it ends when the test says so. Argo Rollouts takes no notice of what is further away than its
 * `--rollout-resync` of 15 minutes.
 */
const DELAY_SECONDS = 800;
const LATER = { scaleDownDelaySeconds: DELAY_SECONDS, abortScaleDownDelaySeconds: DELAY_SECONDS };
const SOON = { scaleDownDelaySeconds: 1, abortScaleDownDelaySeconds: 1 };

/** What Linnet takes over: they wait for a person at their first pause, or have gone on from there. */
const MIDWAY = ['paused', 'judged', 'measured', 'basic'];
const SUPPORTED = [...MIDWAY, 'rested', 'aborted', 'aborting', 'draining'];
const UNSUPPORTED = ['blue-green', 'job'];

describe.skipIf(missing !== undefined)('one release, two controllers', () => {
  const cluster = useRealCluster();
  let prometheus: HeldPrometheus;
  let on: HandOver;
  let rested: readonly KubeObject[];
  let argo: Child;
  let linnet: Child;

  beforeAll(async () => {
    on = new HandOver(cluster());
    prometheus = await holdPrometheus();
    const job = {
      spec: {
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [{ name: 'test', image: 'busybox', command: ['sleep', '3600'] }],
          },
        },
      },
    };
    rested = application({
      name: 'rested',
      canary: {
        ...SOON,
        ...judgedBy('good'),
        steps: [{ setWeight: 50 }, { pause: {} }, { pause: { untilVerified: true } }],
      },
    });
    const manifests = [
      template('good', { prometheus: { address: cluster().prometheusUrl, query: 'vector(1)' } }),
      template('slow', { prometheus: { address: prometheus.url, query: 'vector(1)' } }),
      template('test', { job }),
      ...rested,
      ...application({ name: 'paused', canary: SOON }),
      ...application({ name: 'judged', canary: { ...SOON, ...judgedBy('good') } }),
      ...application({ name: 'measured', canary: { ...SOON, ...judgedBy('slow') } }),
      ...application({ name: 'aborted', canary: SOON }),
      ...application({ name: 'aborting', canary: LATER }),
      ...application({ name: 'draining', canary: { ...LATER, steps: [{ setWeight: 50 }] } }),
      ...application({
        name: 'basic',
        replicas: 4,
        strategy: { canary: { steps: [{ setWeight: 50 }, { pause: {} }] } },
      }),
      ...application({ name: 'blue-green', strategy: blueGreen('blue-green') }),
      ...application({ name: 'job', canary: { ...SOON, ...judgedBy('test') } }),
    ];
    await cluster().kubectl(['apply', '-f', '-'], manifestOf(manifests));
  });
  afterAll(async () => {
    await prometheus?.close();
  });

  /** Brings every Rollout to where its name says, with whichever controller runs. */
  const bringMidway = async (version: number, others: readonly string[]): Promise<void> => {
    prometheus.hold();
    const pausing = [...MIDWAY, 'aborted', ...others];
    await Promise.all([...pausing, 'aborting', 'draining'].map((name) => on.update(name, version)));
    await Promise.all(
      [...pausing, 'aborting'].map((name) => on.until(name, name === 'blue-green' ? isWaiting : isPausedAt(1))),
    );
    await on.plugin('abort', 'aborted');
    await on.until('aborted', (rollout) => isAborted(rollout) && rollout.status?.replicas === 2);
    await Promise.all([prometheus.asked(), measuredOnce('judged'), on.deadline('draining', false)]);
    // Argo Rollouts goes on writing to an aborted Rollout until the canary is gone, so this one comes last.
    await on.plugin('abort', 'aborting');
    await on.until('aborting', isAborted);
    await on.deadline('aborting', true);
  };
  const runOf = async (name: string): Promise<AnalysisRun> => {
    const { status } = await on.until(
      name,
      ({ status }) => status?.canary?.currentBackgroundAnalysisRunStatus !== undefined,
    );
    return on.get<AnalysisRun>(ANALYSIS_RUNS, status?.canary?.currentBackgroundAnalysisRunStatus?.name ?? '');
  };
  const successesOf = async (name: string) => (await runOf(name)).status?.metricResults?.[0]?.successful ?? 0;
  const measuredOnce = (name: string) => vi.waitUntil(async () => (await successesOf(name)) > 0, POLL);
  const weightOf = async (name: string): Promise<string | undefined> =>
    (await on.get<Ingress>(INGRESSES, `${name}-${name}-canary`)).metadata.annotations?.[
      'nginx.ingress.kubernetes.io/canary-weight'
    ];

  /** Where everything stood when the one was killed, the other has to go on from there. */
  const finishes = (revision: number): void => {
    describe.concurrent('and finishes', () => {
      it.each(['paused', 'basic'])('%s: from its pause on', async (name) => {
        const before = await on.until(name, isPausedAt(1));
        expect(await on.sizes(name)).toMatchObject(name === 'basic' ? { [revision]: 2 } : { [revision]: 1 });
        await on.plugin('promote', name);
        const done = await on.until(name, isHealthy);
        expect(done.status?.stableRS).toBe(before.status?.currentPodHash);
        // Argo Rollouts is Healthy a moment before the traffic is back on the stable Service.
        if (name === 'paused') await vi.waitUntil(async () => (await weightOf(name)) === '0', POLL);
      });

      it.each(['judged', 'measured'])('%s: the same AnalysisRun measures on', async (name) => {
        const before = await runOf(name);
        expect(before.status?.completedAt).toBeUndefined();
        const successes = await successesOf(name);
        await vi.waitUntil(async () => (await successesOf(name)) > successes + 1, POLL);
        expect((await runOf(name)).metadata.uid).toBe(before.metadata.uid);
        await on.plugin('promote', name);
        await on.until(name, isHealthy);
        const ended = () => on.get<AnalysisRun>(ANALYSIS_RUNS, before.metadata.name ?? '');
        await vi.waitUntil(async () => (await ended()).status?.phase === 'Successful', POLL);
      });

      it('aborted: stays so, and is retried', async () => {
        await on.until('aborted', isAborted);
        expect(await weightOf('aborted')).toBe('0');
        await on.plugin('retry', 'rollout', 'aborted');
        await on.until('aborted', isPausedAt(1));
        expect(await weightOf('aborted')).toBe('50');
        await on.plugin('promote', '--full', 'aborted');
        await on.until('aborted', isHealthy);
      });

      it('aborting: the pods of the canary go when their time has come', async () => {
        await on.fallDue('aborting');
        await on.until('aborting', (rollout) => isAborted(rollout) && rollout.status?.replicas === 2);
        const { status } = await on.until('aborting', isAborted);
        await vi.waitUntil(async () => (await on.selected('aborting-canary')) === status?.stableRS, POLL);
        expect(await on.sizes('aborting')).toMatchObject({ [revision]: 0 });
      });

      it('draining: so do those of the version before', async () => {
        await on.until('draining', isHealthy);
        await on.fallDue('draining');
        await vi.waitUntil(async () => (await on.sizes('draining'))[revision - 1] === 0, POLL);
        expect(await on.sizes('draining')).toMatchObject({ [revision]: 2 });
      });
    });
  };

  describe('Linnet takes over from Argo Rollouts', () => {
    it('which starts releases', async () => {
      argo = startArgoRollouts(cluster());
      await Promise.all([...SUPPORTED, ...UNSUPPORTED].map((name) => on.until(name, isHealthy)));
      await bringMidway(2, UNSUPPORTED);
      expect(await argo.stop(0)).toMatchObject({ signal: 'SIGKILL' });
    });

    it('and at first writes nothing but statuses', async () => {
      const before = await on.serving();
      const owed = await owedSwitch();
      const { child, writes } = await on.firstWrites(LINNET, () => cluster().controller());
      linnet = child;
      expect(writes.filter((write) => !write.startsWith('patch rollouts/status '))).toEqual(owed);
      const after = await on.serving();
      expect(before.filter((each) => !after.includes(each)).map((each) => each.split(' ')[1])).toEqual(
        owed.length === 0 ? [] : ['aborting-canary'],
      );
      prometheus.release();
    });

    it.each([
      ['blue-green', 'spec.strategy.blueGreen: blue-green is not supported'],
      ['job', 'provider.job: measuring with a Job is not supported'],
    ])(
      '%s: says which field keeps it from going on, and leaves everything else as it stands',
      async (name, message) => {
        const { status } = await on.until(name, ({ status }) => status?.phase === 'Degraded');
        expect(status?.conditions?.find(({ type }) => type === 'InvalidSpec')?.message).toContain(message);
        expect(status?.pauseConditions).toHaveLength(1);
        expect(status?.controllerPause).toBe(true);
        expect(status?.abort).toBeUndefined();
      },
    );

    finishes(2);

    it('rested: the next release goes through its steps', async () => {
      // Argo Rollouts writes a whole Rollout back without what it does not know; who applies the manifest restores it.
      expect((await on.until('rested', isHealthy)).spec.strategy?.canary?.steps?.at(-1)).toEqual({ pause: {} });
      await cluster().kubectl(['apply', '-f', '-'], manifestOf(rested));
      await on.update('rested', 2);
      await on.until('rested', isPausedAt(1));
      expect(await weightOf('rested')).toBe('50');
      await on.plugin('promote', 'rested');
      await on.until('rested', isHealthy);
    });
  });

  describe('Argo Rollouts takes over from Linnet', () => {
    it('which starts releases', async () => {
      await bringMidway(3, []);
      expect(await linnet.stop(0)).toMatchObject({ signal: 'SIGKILL' });
    });

    it('and at first writes nothing but statuses', async () => {
      const { child, writes } = await on.firstWrites(ARGO_ROLLOUTS, () => startArgoRollouts(cluster()));
      argo = child;
      // What it writes to an aborted Rollout it writes to its own, too: the Service to and fro, the ReplicaSet's annotations.
      const serving = writes.filter((write) => !write.startsWith('patch rollouts/status '));
      expect(
        serving.filter((write) => !/^patch (services abort(ed|ing)-canary|replicasets abort(ed|ing)-\w+)$/.test(write)),
      ).toEqual([]);
      // It knows nothing of what Linnet adds to the status, and leaves it there.
      const { status } = await on.until('paused', () => true);
      expect(status?.canary).toMatchObject({
        reach: { canary: { ready: 1 } },
        weights: { inEffectSince: expect.any(String) },
      });
      prometheus.release();
    });

    finishes(3);

    it.each(UNSUPPORTED)('%s: is where it was, and goes on', async (name) => {
      const { status } = await on.until(name, isWaiting);
      expect(status?.conditions?.some(({ type }) => type === 'InvalidSpec')).toBe(false);
      await on.plugin('promote', '--full', name);
      await on.until(name, isHealthy);
    });

    it('rested: the next release drops what Linnet added to the status', async () => {
      expect((await on.until('rested', isHealthy)).status?.canary?.weights?.inEffectSince).toBeDefined();
      await on.update('rested', 3);
      const { status } = await on.until('rested', isPausedAt(1));
      expect(status?.canary?.weights?.inEffectSince).toBeUndefined();
    });

    it('and back again: Linnet writes nothing but statuses', async () => {
      // Argo Rollouts is Healthy before the old pods have gone or know when they go, and whoever takes over sees to that.
      await Promise.all([...MIDWAY, 'aborted', 'draining', ...UNSUPPORTED].map((name) => on.drained(name)));
      await argo.stop(0);
      const { writes } = await on.firstWrites(LINNET, () => cluster().controller());
      expect(writes.filter((write) => !write.startsWith('patch rollouts/status '))).toEqual([]);
      const { status } = await on.until('paused', ({ status }) => status?.canary?.reach === undefined);
      expect(status?.phase).toBe('Healthy');
      await on.plugin('promote', '--full', 'rested');
      await on.until('rested', isHealthy);
    });
  });

  /** Argo Rollouts switches the canary's Service to and fro while a canary is aborted; killed in the middle, it owes one. */
  const owedSwitch = async (): Promise<readonly string[]> => {
    const { status } = await on.until('aborting', isAborted);
    const isOwed = (await on.selected('aborting-canary')) !== status?.stableRS;
    return isOwed ? ['patch services aborting-canary'] : [];
  };
});

function isWaiting({ status, metadata }: Rollout): boolean {
  return status?.phase === 'Paused' && status.observedGeneration === String(metadata.generation);
}
