import { beforeAll, describe, expect, it } from 'vitest';
import { application, imageOf, manifestOf } from './support/applications.ts';
import { argoPlugin, type PluginRun } from './support/argo-rollouts.ts';
import { HandOver, isAborted, isHealthy, isPausedAt } from './support/hand-over.ts';
import { lacking } from './support/machine.ts';
import { useRealCluster } from './support/real-cluster.ts';

/** `kubectl argo rollouts`, Argo Rollouts' own plugin, looks at and steers a Rollout that Linnet runs. */

const missing = lacking('etcd', 'kubernetes', 'argo-rollouts');
const NAME = 'web';

describe.skipIf(missing !== undefined)("Argo Rollouts' plugin and a Rollout that Linnet runs", () => {
  const cluster = useRealCluster();
  let on: HandOver;
  const plugin = (...args: readonly string[]): Promise<PluginRun> => argoPlugin(cluster(), args);
  const looks = async (): Promise<string> =>
    (await on.plugin('get', 'rollout', NAME, '--no-color')).replaceAll(/ +/g, ' ').replaceAll(' \n', '\n');

  beforeAll(async () => {
    on = new HandOver(cluster());
    cluster().controller();
    const canary = { scaleDownDelaySeconds: 1, abortScaleDownDelaySeconds: 1 };
    await cluster().kubectl(['apply', '-f', '-'], manifestOf(application({ name: NAME, canary })));
    await on.until(NAME, isHealthy);
  });

  it('set image starts an update, which status, get and list show', async () => {
    expect(await on.plugin('set', 'image', NAME, `app=${imageOf(2)}`)).toBe(`rollout "${NAME}" image updated\n`);
    await on.until(NAME, isPausedAt(1));
    expect(await plugin('status', NAME, '--watch=false')).toMatchObject({
      code: 0,
      stdout: 'Paused - CanaryPauseStep\n',
    });
    const view = await looks();
    expect(view).toMatch(
      /Status: ॥ Paused\nMessage: CanaryPauseStep\nStrategy: Canary\n Step: 1\/4\n SetWeight: 50\n ActualWeight: 50\n/,
    );
    expect(view).toMatch(/Images: busybox:v1 \(stable\)\n busybox:v2 \(canary\)\n/);
    expect(view).toMatch(/Desired: 2\n Current: 3\n Updated: 1\n Ready: 3\n Available: 3\n/);
    expect(view).toMatch(/revision:2\n.*⧉ web-\w+ ReplicaSet ✔ Healthy \w+ canary\n/);
    const list = await on.plugin('list', 'rollouts');
    expect(list.split('\n')[1]?.trim().split(/ +/)).toEqual([
      NAME,
      'Canary',
      'Paused',
      '1/4',
      '50',
      '3/3',
      '2',
      '1',
      '3',
    ]);
  });

  it('abort takes the traffic back; status ends with 1', async () => {
    expect(await on.plugin('abort', NAME)).toBe(`rollout '${NAME}' aborted\n`);
    await on.until(NAME, (rollout) => isAborted(rollout) && rollout.status?.replicas === 2);
    const { code, stdout, stderr } = await plugin('status', NAME);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: 'Degraded - RolloutAborted: Rollout aborted update to revision 2\n',
    });
    expect(stderr).toContain('The rollout is in a degraded state with message: RolloutAborted');
    expect(await looks()).toMatch(/Status: ✖ Degraded\n/);
  });

  it('retry begins anew; promote goes on, and status waits for the end', async () => {
    expect(await on.plugin('retry', 'rollout', NAME)).toBe(`rollout '${NAME}' retried\n`);
    await on.until(NAME, isPausedAt(1));
    expect(await on.plugin('promote', NAME)).toBe(`rollout '${NAME}' promoted\n`);
    const { code, stdout } = await plugin('status', NAME, '--timeout=120s');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Healthy\n$/);
    await on.until(NAME, isHealthy);
    expect(await looks()).toMatch(/busybox:v2 \(stable\)\n/);
  });

  it('pause holds the next update; promote resumes it and skips its step', async () => {
    expect(await on.plugin('pause', NAME)).toBe(`rollout '${NAME}' paused\n`);
    await on.update(NAME, 3);
    const held = await on.until(NAME, ({ status }) => status?.phase === 'Paused' && status.currentStepIndex === 0);
    expect(held.status?.message).toMatch(/^manually paused/);
    expect(await plugin('status', NAME, '--watch=false')).toMatchObject({ code: 0 });
    await on.plugin('promote', NAME);
    await on.until(NAME, isPausedAt(1));
  });

  it('promote --full skips the rest', async () => {
    await on.plugin('promote', '--full', NAME);
    await on.until(NAME, isHealthy);
    expect(await looks()).toMatch(/busybox:v3 \(stable\)\n/);
  });

  it('undo goes back to the version before', async () => {
    expect(await on.plugin('undo', NAME, '--to-revision=2')).toBe(`rollout '${NAME}' undo\n`);
    const paused = await on.until(NAME, isPausedAt(1));
    expect(paused.spec.template?.spec?.containers[0]?.image).toBe(imageOf(2));
    await on.plugin('promote', '--full', NAME);
    await on.until(NAME, isHealthy);
  });

  it('restart replaces all pods', async () => {
    const before = new Set(await on.podNames());
    await on.plugin('restart', NAME);
    const { spec } = await on.until(NAME, ({ spec: { restartAt } }) => restartAt !== undefined);
    await on.until(NAME, (rollout) => isHealthy(rollout) && rollout.status?.restartedAt === spec.restartAt);
    expect((await on.podNames()).filter((name) => before.has(name))).toEqual([]);
  });

  it.each([
    [['get', 'rollout', 'nobody'], 'not found'],
    [['promote', 'nobody'], 'not found'],
    [['status', 'nobody', '--watch=false'], 'not found'],
  ])('%s ends with 1', async (args, text) => {
    const { code, stderr } = await plugin(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(text);
  });
});
