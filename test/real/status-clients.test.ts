import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Rollout } from '../../src/api/rollout.ts';
import { ROLLOUTS } from '../../src/kube/resources.ts';
import type { Child } from '../../src/sandbox/process-group.ts';
import { fromLayer } from '../support/kubectl-layer.ts';
import { lacking, program } from './support/machine.ts';
import { useRealCluster } from './support/real-cluster.ts';

const run = promisify(execFile);

/** A canary of two pods with one pause. */
const rolloutOf = (name: string, image: string, pause: string, metadata = ''): string => `
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: ${name}
${metadata}
spec:
  replicas: 2
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
  strategy:
    canary:
      steps:
        - setWeight: 50
        - pause: ${pause}
`;

const formed = (form: string): string => `  annotations: {linnet.dev/observed-generation: ${form}}`;
// oxlint-disable-next-line no-control-regex -- that is what a colour is
const COLOURS = /\u001B\[\d+m/g;
const keyOf = (name: string) => ({ namespace: 'default', name });

const missing = lacking('etcd', 'kubernetes');
const withoutPlugin = lacking('etcd', 'kubernetes', 'argo-rollouts');
const helm = missing === undefined ? await fromLayer('helm') : { missing };

describe.skipIf(missing !== undefined)('programs that read a status', () => {
  const cluster = useRealCluster(missing !== undefined);
  let controller: Child | undefined;

  afterEach(async () => {
    await controller?.stop();
  });

  describe.skipIf(withoutPlugin !== undefined)("Argo Rollouts' plugin", () => {
    const plugin = async (...args: readonly string[]) => {
      const env = { ...process.env, KUBECONFIG: cluster().kubeconfig };
      return (await run(program('kubectl-argo-rollouts'), args, { env })).stdout.replaceAll(COLOURS, '');
    };

    it.each([
      ['with a string in status.observedGeneration', 'told', '', '1'],
      ['without it', 'untold', formed('absent'), undefined],
    ])('shows a Rollout %s', async (_title, name, metadata, observedGeneration) => {
      const { kubectl, until } = cluster();
      controller = cluster().controller();
      await kubectl(['apply', '-f', '-'], rolloutOf(name, 'linnet.dev/sample-app:v1', '{}', metadata));
      expect(await plugin('status', name, '--timeout', '60s')).toContain('Healthy');
      const rollout = await until<Rollout>(ROLLOUTS, keyOf(name), (object) => object?.status?.phase === 'Healthy');
      expect(rollout?.status?.observedGeneration).toBe(observedGeneration);
      expect(await plugin('get', 'rollout', name)).toMatch(/Status:\s+✔ Healthy/);
      await plugin('set', 'image', name, 'app=linnet.dev/sample-app:v2');
      await until<Rollout>(ROLLOUTS, keyOf(name), (object) => object?.status?.phase === 'Paused');
      expect(await plugin('get', 'rollout', name)).toMatch(/Status:\s+॥ Paused/);
      await plugin('abort', name);
      await expect(plugin('status', name, '--timeout', '60s')).rejects.toThrow('The rollout is in a degraded state');
    });
  });

  describe.skipIf('missing' in helm)('helm --wait', () => {
    let chart = '';

    beforeAll(async () => {
      chart = join(cluster().folder, 'chart');
      await mkdir(join(chart, 'templates'), { recursive: true });
      await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: helmapp\nversion: 0.1.0\n');
      await writeFile(
        join(chart, 'templates', 'rollout.yaml'),
        rolloutOf('helmapp', '{{ .Values.image }}', '{duration: 3s}', formed('{{ .Values.form }}')),
      );
    });

    const helmRun = async (command: string, image: string, form: string, timeout = '60s') => {
      const { folder, kubeconfig } = cluster();
      const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
      const path = 'path' in helm ? helm.path : '';
      const values = `image=${image},form=${form}`;
      const args = [command, 'helmapp', chart, '--wait', '--timeout', timeout, '--set', values];
      await run(path, args, { env });
      return cluster().client.get<Rollout>(ROLLOUTS, keyOf('helmapp'));
    };

    it('does not take for ready what no controller has seen', async () => {
      await expect(helmRun('install', 'linnet.dev/sample-app:v1', '', '5s')).rejects.toThrow(/not ready.*InProgress/);
    });

    it('returns when the Rollout is Healthy', async () => {
      controller = cluster().controller();
      const { status } = await helmRun('upgrade', 'linnet.dev/sample-app:v1', '');
      expect(status).toMatchObject({ phase: 'Healthy' });
      expect(status).not.toHaveProperty('observedGeneration');
    });

    it('waits for the new version and not for the one before, where the generation is a number', async () => {
      controller = cluster().controller();
      await helmRun('upgrade', 'linnet.dev/sample-app:v1', 'integer');
      await cluster().until<Rollout>(
        ROLLOUTS,
        keyOf('helmapp'),
        (rollout) => rollout?.status?.observedGeneration === 1,
      );
      const { status, metadata } = await helmRun('upgrade', 'linnet.dev/sample-app:v2', 'integer');
      expect(status).toMatchObject({ phase: 'Healthy', observedGeneration: metadata.generation });
      expect(status?.currentPodHash).toBe(status?.stableRS);
      await expect(helmRun('upgrade', 'nobody/nothing:v3', 'integer')).rejects.toThrow(/not ready.*Failed/);
    });

    it("times out on the string that Argo Rollouts' clients need", async () => {
      controller = cluster().controller();
      await cluster().until<Rollout>(ROLLOUTS, keyOf('helmapp'), (rollout) => rollout?.status?.phase === 'Degraded');
      await expect(helmRun('upgrade', 'linnet.dev/sample-app:v2', 'string', '12s')).rejects.toThrow(/not ready/);
      const rollout = await cluster().client.get<Rollout>(ROLLOUTS, keyOf('helmapp'));
      expect(rollout.status).toMatchObject({
        phase: 'Healthy',
        observedGeneration: String(rollout.metadata.generation),
      });
    });
  });
});
