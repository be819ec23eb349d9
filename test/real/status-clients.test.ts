import { execFile, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Rollout } from '../../src/api/rollout.ts';
import { ROLLOUTS } from '../../src/kube/resources.ts';
import { fromLayer } from '../support/kubectl-layer.ts';
import { argoCdHealth } from '../support/status-readers.ts';
import { lacking, program } from './support/machine.ts';
import { useRealCluster } from './support/real-cluster.ts';
import { samplePod, sampleRollout } from './support/sample.ts';

const run = promisify(execFile);

const V1 = 'linnet.dev/sample-app:v1';
const V2 = 'linnet.dev/sample-app:v2';
/** Cannot be pulled. */
const BAD = 'nobody/nothing:v3';
const DEADLINE_SECONDS = 600;
const SHORT_DEADLINE_SECONDS = 6;

/** A canary of two pods with one pause. */
const manifest = (name: string, image: string, form: string, pause: { duration?: string }): string =>
  JSON.stringify(
    sampleRollout({
      name,
      pod: samplePod(image),
      replicas: 2,
      annotations: { 'linnet.dev/observed-generation': form },
      progressDeadlineSeconds: DEADLINE_SECONDS,
      canary: { steps: [{ setWeight: 50 }, { pause }] },
    }),
  );

// oxlint-disable-next-line no-control-regex -- that is what a colour is
const COLOURS = /\u001B\[\d+m/g;
const keyOf = (name: string) => ({ namespace: 'default', name });

const missing = lacking('etcd', 'kubernetes');
// Vitest does not count what is skipped twice.
const withoutPlugin = missing === undefined ? lacking('argo-rollouts') : undefined;
const withoutScript = missing === undefined ? lacking('argo-cd-health') : undefined;
const helm = missing === undefined ? await fromLayer('helm') : { path: '' };

describe.skipIf(missing !== undefined)('programs that read a status', () => {
  const cluster = useRealCluster();
  let hasController = false;
  const startController = (): void => {
    if (!hasController) cluster().controller();
    hasController = true;
  };

  describe.skipIf('missing' in helm)('helm --wait', () => {
    let chart = '';

    beforeAll(async () => {
      chart = join(cluster().folder, 'chart');
      await mkdir(join(chart, 'templates'), { recursive: true });
      await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: helmapp\nversion: 0.1.0\n');
      await writeFile(
        join(chart, 'templates', 'rollout.yaml'),
        manifest('helmapp', '{{ .Values.image }}', '{{ .Values.form }}', { duration: '3s' }).replace(
          String(DEADLINE_SECONDS),
          '{{ .Values.deadline }}',
        ),
      );
    });

    const helmRun = async (command: string, image: string, form: string, timeout = '180s') => {
      const { folder, kubeconfig } = cluster();
      const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
      const path = 'path' in helm ? helm.path : '';
      const deadline = image === BAD ? SHORT_DEADLINE_SECONDS : DEADLINE_SECONDS;
      const values = `image=${image},form=${form},deadline=${deadline}`;
      const args = [command, 'helmapp', chart, '--wait', '--timeout', timeout, '--set', values];
      await run(path, args, { env });
      return cluster().client.get<Rollout>(ROLLOUTS, keyOf('helmapp'));
    };

    it('does not take for ready what no controller has seen', async () => {
      await expect(helmRun('install', V1, '', '5s')).rejects.toThrow(/not ready.*InProgress/);
    });

    it('returns when the Rollout is Healthy', async () => {
      startController();
      const { status } = await helmRun('upgrade', V1, '');
      expect(status).toMatchObject({ phase: 'Healthy' });
      expect(status).not.toHaveProperty('observedGeneration');
    });

    it('waits for the new version and not for the one before, where the generation is a number', async () => {
      await helmRun('upgrade', V1, 'integer');
      await cluster().until<Rollout>(
        ROLLOUTS,
        keyOf('helmapp'),
        (rollout) => rollout?.status?.observedGeneration === 1,
      );
      const { status, metadata } = await helmRun('upgrade', V2, 'integer');
      expect(status).toMatchObject({ phase: 'Healthy', observedGeneration: metadata.generation });
      expect(status?.currentPodHash).toBe(status?.stableRS);
      await expect(helmRun('upgrade', BAD, 'integer')).rejects.toThrow(/not ready.*Failed/);
    });

    it("times out on the string that Argo Rollouts' clients need", async () => {
      await cluster().until<Rollout>(ROLLOUTS, keyOf('helmapp'), (rollout) => rollout?.status?.phase === 'Degraded');
      await expect(helmRun('upgrade', V2, 'string', '12s')).rejects.toThrow(/not ready/);
      await cluster().until<Rollout>(
        ROLLOUTS,
        keyOf('helmapp'),
        (rollout) =>
          rollout?.status?.phase === 'Healthy' &&
          rollout.status.observedGeneration === String(rollout.metadata.generation),
      );
    });
  });

  describe.skipIf(withoutPlugin !== undefined)("Argo Rollouts' plugin", () => {
    beforeAll(startController);

    const plugin = async (...args: readonly string[]) => {
      const env = { ...process.env, KUBECONFIG: cluster().kubeconfig };
      return (await run(program('kubectl-argo-rollouts'), args, { env })).stdout.replaceAll(COLOURS, '');
    };

    it.concurrent.each([
      ['with a string in status.observedGeneration', 'told', '', '1'],
      ['without it', 'untold', 'absent', undefined],
    ])('shows a Rollout %s', async (_title, name, form, observedGeneration) => {
      const { kubectl, until } = cluster();
      await kubectl(['apply', '-f', '-'], manifest(name, V1, form, {}));
      expect(await plugin('status', name, '--timeout', '180s')).toContain('Healthy');
      const rollout = await until<Rollout>(ROLLOUTS, keyOf(name), (object) => object?.status?.phase === 'Healthy');
      expect(rollout?.status?.observedGeneration).toBe(observedGeneration);
      expect(await plugin('get', 'rollout', name)).toMatch(/Status:\s+✔ Healthy/);
      await plugin('set', 'image', name, `app=${V2}`);
      await until<Rollout>(ROLLOUTS, keyOf(name), (object) => object?.status?.phase === 'Paused');
      expect(await plugin('get', 'rollout', name)).toMatch(/Status:\s+॥ Paused/);
      await plugin('abort', name);
      await expect(plugin('status', name, '--timeout', '180s')).rejects.toThrow('The rollout is in a degraded state');
    });
  });

  describe.skipIf(withoutScript !== undefined)("Argo CD's health script", () => {
    beforeAll(startController);

    /** What the script says, which is what our unit tests take it to say. */
    const health = (rollout: Rollout): unknown => {
      const input = JSON.stringify(rollout);
      const { stdout, stderr } = spawnSync(program('argo-cd-health'), { input, encoding: 'utf8' });
      expect(stderr).toBe('');
      const { status } = JSON.parse(stdout) as { readonly status: string };
      expect(argoCdHealth(rollout)).toBe(status);
      return status;
    };
    /** In the moment after an edit, before any controller has seen it. */
    const edited = (rollout: Rollout): Rollout => {
      const { metadata } = rollout;
      return { ...rollout, metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 } };
    };

    it.concurrent.each([
      ['a string', 'string', 'Progressing'],
      ['an integer', 'integer', 'Progressing'],
      ['absent', 'absent', 'Healthy'],
    ])('knows the phases where status.observedGeneration is %s', async (_title, form, justEdited) => {
      const { kubectl, client, until } = cluster();
      const name = `argocd-${form}`;
      const inPhase = async (phase: string): Promise<Rollout> => {
        const rollout = await until<Rollout>(ROLLOUTS, keyOf(name), (object) => object?.status?.phase === phase);
        if (rollout === undefined) throw new Error(`${name} is gone`);
        return rollout;
      };
      await kubectl(['apply', '-f', '-'], manifest(name, V1, form, {}));
      expect(health(await inPhase('Progressing'))).toBe('Progressing');
      const healthy = await inPhase('Healthy');
      expect(health(healthy)).toBe('Healthy');
      expect(health(edited(healthy))).toBe(justEdited);
      expect(health({ ...healthy, status: undefined } as unknown as Rollout)).toBe('Progressing');
      await kubectl(['apply', '-f', '-'], manifest(name, V2, form, {}));
      expect(health(await inPhase('Paused'))).toBe('Suspended');
      const patch = { status: { abort: true } };
      await client.patch(ROLLOUTS, keyOf(name), { type: 'merge', patch }, { subresource: 'status' });
      expect(health(await inPhase('Degraded'))).toBe('Degraded');
    });
  });
});
