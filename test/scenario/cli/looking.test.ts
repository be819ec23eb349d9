import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/api/core-types.ts';
import { ANALYSIS_RUNS, type Resource, ROLLOUTS } from '../../../src/kube/resources.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import { canaryRollout, FAILED_RUN } from '../../unit/cli/fixtures.ts';
import { CliRunner } from './cli-runner.ts';

/** The plugin against an API server without controllers: every status is written by hand. */
describe('the plugin looks at what others wrote', () => {
  const cluster = new TestCluster();
  let cli: CliRunner;

  const patchStatus = (name: string, status: object): Promise<KubeObject> =>
    cluster.client.patch(
      ROLLOUTS,
      { namespace: 'default', name },
      { type: 'merge', patch: { status } },
      { subresource: 'status' },
    );

  /** Stores an object as if it were new, below its owner. */
  const create = async (resource: Resource, object: KubeObject, name: string, owner?: KubeObject) => {
    const { uid: _uid, resourceVersion: _version, generation: _generation, ...metadata } = object.metadata;
    const ownerReferences =
      owner === undefined ? [] : [{ ...object.metadata.ownerReferences?.[0], uid: owner.metadata.uid }];
    return cluster.client.create(resource, {
      ...object,
      metadata: { ...metadata, name, namespace: 'default', ownerReferences } as KubeObject['metadata'],
    });
  };

  const createRollout = async (name: string): Promise<KubeObject> => {
    const rollout = await create(ROLLOUTS, canaryRollout(), name);
    const { status } = canaryRollout({ status: { observedGeneration: String(rollout.metadata.generation) } });
    await patchStatus(name, status ?? {});
    return rollout;
  };

  beforeAll(async () => {
    cli = await CliRunner.start(cluster.server, cluster.clock);
    const web = await createRollout('web');
    await create(ANALYSIS_RUNS, FAILED_RUN, 'web-new-2', web);
  });

  afterAll(() => cli.close());

  it('shows what an analysis measured', async () => {
    await patchStatus('web', {
      canary: { currentBackgroundAnalysisRunStatus: { name: 'web-new-2', status: 'Failed' } },
    });
    const { stdout } = await cli.run('explain', 'web');
    expect(stdout).toContain('AnalysisRun web-new-2 is ✖ Failed: Metric "success-rate" assessed Failed');
    expect(stdout).toMatch(/success-rate +✖ Failed +\[0\.81\] +\S* +3 +2 +0 +0 +success: result\[0\] >= 0\.95\n/);
    expect((await cli.run('get', 'rollout', 'web')).stdout).toMatch(/μ success-rate +Metric +✖ Failed/);
  });

  it('terminates an analysis run', async () => {
    expect(await cli.run('terminate', 'analysisrun', 'web-new-2')).toMatchObject({
      exitCode: 0,
      stdout: "analysisRun 'web-new-2' terminated\n",
    });
    const run = await cluster.client.get<KubeObject & { spec: { terminate?: boolean } }>(ANALYSIS_RUNS, {
      namespace: 'default',
      name: 'web-new-2',
    });
    expect(run.spec.terminate).toBe(true);
    expect(await cli.run('terminate', 'ar', 'gone')).toMatchObject({ exitCode: 1 });
  });

  it('follows the status through every change and through a lost connection', async () => {
    await createRollout('api');
    const waiting = cli.start('status', 'api');
    await waiting.printed((text) => text.includes('Paused'));
    await patchStatus('api', {
      phase: 'Progressing',
      message: 'step 3',
      pauseConditions: null,
      controllerPause: false,
    });
    await waiting.printed((text) => text.includes('Progressing - step 3'));
    await cli.restartServer();
    await patchStatus('api', { phase: 'Healthy', message: '' });
    const { exitCode, stdout } = await waiting.done;
    expect(stdout).toBe('Paused - CanaryPauseStep\nProgressing - step 3\nHealthy\n');
    expect(exitCode).toBe(0);
  });

  it('ends when the rollout is deleted', async () => {
    await createRollout('doomed');
    const waiting = cli.start('status', 'doomed');
    await waiting.printed((text) => text.includes('Paused'));
    await cluster.client.delete(ROLLOUTS, { namespace: 'default', name: 'doomed' });
    expect(await waiting.done).toMatchObject({
      exitCode: 1,
      stderr: 'error: rollouts.argoproj.io "doomed" was deleted\n',
    });
  });

  it('goes on showing changes until Ctrl-C', async () => {
    await createRollout('shop');
    const get = cli.start('get', 'rollout', 'shop', '-w');
    const list = cli.start('list', 'rollouts', '-w', '--name', 'shop');
    await get.printed((text) => text.includes('Message:         CanaryPauseStep'));
    await list.printed((text) => text.includes('Paused'));
    await patchStatus('shop', { message: 'look again', currentStepIndex: 2 });
    await get.printed((text) => text.includes('Message:         look again'));
    await list.printed((text) => /^shop +Canary +Paused +2\/4 +60 /m.test(text));
    get.interrupt();
    list.interrupt();
    expect((await get.done).exitCode).toBe(130);
    expect((await list.done).exitCode).toBe(130);
  });

  it('stops watching after --timeout-seconds', async () => {
    expect(await cli.run('get', 'ro', 'web', '-w', '--timeout-seconds', '1')).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
  });

  it('prints objects for programs', async () => {
    expect((await cli.run('get', 'ro', 'web', '-o', 'jsonpath={.status.phase}')).stdout).toBe('Paused');
    expect(JSON.parse((await cli.run('list', 'ro', '-o', 'json')).stdout)).toMatchObject({ kind: 'List' });
    expect((await cli.run('get', 'rollouts', '-A', '-o', 'name')).stdout).toContain('rollout.argoproj.io/web\n');
  });

  it('completes names of the cluster', async () => {
    expect((await cli.run('__complete', '--', 'promote', 'we')).stdout).toBe('web\n:4\n');
    expect((await cli.run('__complete', '--', 'terminate', 'analysisrun', '')).stdout).toBe('web-new-2\n:4\n');
    expect((await cli.run('__complete', '--', 'set', 'image', 'web', '')).stdout).toBe('web=\nside=\n:4\n');
    expect((await cli.run('__complete', '--', '--context', '')).stdout).toBe('linnet\n:4\n');
    expect((await cli.run('__complete', '--', '-n', 'defa')).stdout).toBe('default\n:4\n');
  });

  it('says what is wrong, and what to do', async () => {
    expect(await cli.run('get', 'rollout', 'wbe', '-n', 'nowhere')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: rollouts\.argoproj\.io "wbe" not found in namespace "nowhere"\nhint: /),
    });
    expect((await cli.run('abort', 'web', 'none', 'deployment/x')).stderr).toMatch(
      /"none" not found.*\n.*\nerror: "deployment\/x"/,
    );
    expect(await cli.run('promote', 'web', '--bogus')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("unknown option '--bogus'"),
    });
    expect(await cli.run('--context', 'prod', 'list', 'ro')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('context "prod"'),
    });
    expect(await cli.run('--help')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Usage: kubectl linnet'),
    });
  });

  it('tells with -v what it asks of which server', async () => {
    const { stderr } = await cli.run('list', 'ro', '-v=6');
    expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:\d+ by context "linnet"/);
    expect(stderr).toMatch(/^GET http:\S+\/rollouts\?limit=500\S* 200 in \d+ ms$/m);
  });
});
