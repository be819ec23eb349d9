import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rollout } from '../../../src/api/rollout.ts';
import { manifestsIn, TestCluster } from '../../support/test-cluster.ts';
import { CliRunner } from './cli-runner.ts';

const MINUTE = 60_000;

/** The plugin, the real controllers and a simulated cluster: a person's working day with examples/basic-canary. */
describe('a rollout steered by the plugin', () => {
  const cluster = new TestCluster();
  let cli: CliRunner;
  const until = (condition: (rollout: Rollout) => boolean) => cluster.until('web', condition, 2 * MINUTE);
  const phase = (wanted: string) => until(({ status }) => status?.phase === wanted);
  const stdout = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout: text, stderr } = await cli.run(...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return text;
  };

  beforeAll(async () => {
    cli = await CliRunner.start(cluster.server, cluster.clock);
    cluster.startController();
    await cluster.apply(...manifestsIn('examples/basic-canary/rollout.yaml'));
    await phase('Healthy');
  });

  afterAll(async () => {
    await cluster.stopController();
    await cli.close();
  });

  it('holds an update by pause; a promotion of that alone skips no step', async () => {
    expect(await stdout('pause', 'web')).toBe("rollout 'web' paused\n");
    expect(await stdout('set', 'image', 'web', '*=registry.example.com/web:2.0.0')).toBe(
      'rollout "web" image updated\n',
    );
    await until(({ status }) => status?.message?.startsWith('manually paused') === true);
    expect(await stdout('promote', 'web')).toBe("rollout 'web' promoted\n");
    await until(({ status }) => status?.message?.startsWith('CanaryPauseStep') === true);
  });

  it('shows the update at the weight of its first step', async () => {
    const shown = await stdout('get', 'ro/web');
    expect(shown).toContain('Status:          ॥ Paused\nMessage:         CanaryPauseStep');
    expect(shown).toContain('  Step:          1/4\n  SetWeight:     20\n  ActualWeight:  20\n');
    expect(shown).toMatch(/⧉ web-\w+ +ReplicaSet +✔ Healthy +\d+s +canary\n/);
    expect(shown).toContain('registry.example.com/web:2.0.0 (canary)');
    const table = await stdout('list', 'rollouts');
    expect(table).toMatch(/^NAME +STRATEGY +STATUS +STEP +SET-WEIGHT +READY +DESIRED +UP-TO-DATE +AVAILABLE\n/);
    expect(table).toMatch(/^web +Canary +Paused +1\/4 +20 +5\/5 +5 +1 +5$/m);
    expect(await stdout('explain', 'web')).toMatch(/Step 2 of 4: pause: 1m\n {2}ends after 1m \(\d+s left\)\n/);
  });

  it('is seen by status as Argo Rollouts’ plugin says it, and by --until', async () => {
    expect(await stdout('status', 'web', '-w=false')).toBe('Paused - CanaryPauseStep\n');
    expect(await stdout('status', 'web', '--until', 'paused')).toBe('Paused - CanaryPauseStep\n');
    expect(await stdout('status', 'web', '--until=step=1')).toContain('Paused');
    const timedOut = await cli.run('status', 'web', '--timeout', '50ms');
    expect(timedOut).toMatchObject({ exitCode: 1, stderr: 'error: Rollout status watch exceeded timeout\n' });
    expect(await cli.run('status', 'web', '--until', 'step=3', '-t', '50ms')).toMatchObject({ exitCode: 2 });
    expect(await cli.run('status', 'web', '--until', 'healthy', '-w=false')).toMatchObject({ exitCode: 3 });
  });

  it('follows an abort to its end while status waits', async () => {
    const waiting = cli.start('status', 'web');
    await waiting.printed((text) => text.includes('Paused - CanaryPauseStep'));
    expect(await stdout('abort', 'web')).toBe("rollout 'web' aborted\n");
    await phase('Degraded');
    const { exitCode, stdout: lines, stderr } = await waiting.done;
    expect(exitCode).toBe(1);
    expect(lines.trimEnd().split('\n').at(-1)).toBe('Degraded - RolloutAborted: Rollout aborted update to revision 2');
    expect(stderr).toContain('error: The rollout is in a degraded state with message: RolloutAborted');
    expect(await cli.run('promote', 'web')).toMatchObject({ exitCode: 1 });
  });

  it('tries again, is promoted to the end, and then has nothing to abort', async () => {
    expect(await stdout('retry', 'rollout', 'web')).toBe("rollout 'web' retried\n");
    await phase('Paused');
    const waiting = cli.start('status', 'web', '--until', 'healthy');
    expect(await stdout('promote', 'web', '--full')).toBe("rollout 'web' fully promoted\n");
    await phase('Healthy');
    expect((await waiting.done).exitCode).toBe(0);
    expect(await stdout('promote', 'web', '--full')).toBe("rollout 'web' is fully promoted already\n");
    expect(await stdout('abort', 'web')).toContain('nothing to abort');
    expect((await cluster.rollout('web')).status?.abort).toBeUndefined();
    expect(await cli.run('status', 'web', '--until', 'paused')).toMatchObject({ exitCode: 3 });
  });

  it('goes back by undo without leaving traces in the template', async () => {
    const { template } = (await cluster.rollout('web')).spec;
    expect(await stdout('undo', 'web')).toBe("rollout 'web' undo\n");
    const labels = (await cluster.rollout('web')).spec.template?.metadata?.labels;
    expect(labels).toEqual(template?.metadata?.labels);
    await phase('Paused');
    expect(await stdout('undo', 'web', '--to-revision', '3')).toBe(
      'skipped rollback (current template already matches revision 3)\n',
    );
    expect(await cli.run('undo', 'web', '--to-revision', '17')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('hint: there are revisions 3, 2'),
    });
    await stdout('promote', 'web', '--full');
    await phase('Healthy');
  });

  it('restarts the pods', async () => {
    expect(await stdout('restart', 'web', '--in', '10s')).toBe("rollout 'web' restarts in 10s\n");
    const restartAt = (await cluster.rollout('web')).spec.restartAt ?? '';
    expect(Math.round((Date.parse(restartAt) - cluster.clock.now()) / 1000)).toBeGreaterThanOrEqual(9);
    await until(({ status }) => status?.restartedAt === restartAt && status.phase === 'Healthy');
  });
});
