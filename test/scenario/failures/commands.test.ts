import { describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import { CliRunner } from '../cli/cli-runner.ts';
import {
  isAborted,
  isHealthy,
  isPausedAt,
  isPromoted,
  judgedBy,
  MINUTE,
  runningWeb,
  SECOND,
  STEPS,
  template,
  web,
} from '../release/fixtures.ts';
import {
  ABORT,
  expectQuiet,
  Lag,
  PROMOTE_FULL,
  pausedWeb,
  podsOf,
  RESUME,
  RETRY,
  recorded,
  revisionOf,
  sizes,
  texts,
} from './given.ts';

describe('F77 abort after promote-full:', () => {
  it.each([0, 4, 8])('wins %i s later, as long as the stable version was not replaced', async (seconds) => {
    const { cluster, dataPlane, stable } = await pausedWeb();
    await cluster.patch('web', PROMOTE_FULL, 'status');
    await cluster.clock.advanceBy(seconds * SECOND);
    expect((await cluster.rollout('web')).status?.stableRS).toBe(stable);
    await cluster.patch('web', ABORT, 'status');
    const aborted = await cluster.until('web', isAborted, 5 * SECOND);
    expect(aborted.status?.promoteFull).toBeUndefined();
    await cluster.clock.advanceBy(2 * MINUTE);
    expect([...dataPlane.shares]).toEqual([[stable, 1]]);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('afterwards there is nothing to abort, and it says how to go back', async () => {
    const { cluster, dataPlane, stable, canary } = await pausedWeb();
    await cluster.patch('web', PROMOTE_FULL, 'status');
    await cluster.until('web', ({ status }) => status?.stableRS !== stable, 2 * MINUTE);
    await cluster.patch('web', ABORT, 'status');
    await cluster.until('web', isHealthy, 2 * MINUTE);
    expect(texts(cluster, 'CommandIgnored')).toEqual([
      'abort was ignored: revision 2 is the stable version already; to take it back, undo',
    ]);
    await cluster.clock.advanceBy(2 * MINUTE);
    expect([...dataPlane.shares]).toEqual([[canary, 1]]);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});

it('F78 abort while spec.paused: traffic goes back once, and then nothing happens', async () => {
  const { cluster, dataPlane, stable } = await pausedWeb();
  await cluster.patch('web', { spec: { paused: true } });
  await cluster.until('web', ({ status }) => status?.message?.startsWith('manually paused') === true, MINUTE);
  await cluster.patch('web', ABORT, 'status');
  await cluster.until('web', isAborted, 5 * SECOND);
  await cluster.clock.advanceBy(MINUTE);
  expect([...dataPlane.shares]).toEqual([[stable, 1]]);
  expect(dataPlane.weights).toEqual([0, 25, 0]);
  expect(dataPlane.violations).toEqual([]);
  await expectQuiet(cluster);
  await cluster.stopController();
});

it('F79 abort with nothing in progress: is taken back, with a message', async () => {
  const { cluster, dataPlane } = await runningWeb();
  await cluster.patch('web', ABORT, 'status');
  await cluster.clock.advanceBy(10 * SECOND);
  const rollout = await cluster.rollout('web');
  expect(rollout.status?.abort).toBeUndefined();
  expect(rollout.status?.phase).toBe('Healthy');
  expect(texts(cluster, 'CommandIgnored')).toEqual([
    'abort was ignored: revision 1 is the stable version already; to take it back, undo',
  ]);
  expect(sizes(cluster)).toEqual([4]);
  expect(dataPlane.violations).toEqual([]);
  await expectQuiet(cluster);
  await cluster.stopController();
});

describe('F80 a command is for the revision that it was given for:', () => {
  it('a promoteFull with nothing to promote does not fire with the next update', async () => {
    const { cluster } = await runningWeb();
    await cluster.patch('web', PROMOTE_FULL, 'status');
    await cluster.clock.advanceBy(SECOND);
    await cluster.apply(web({ image: 'v2' }));
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    expect(texts(cluster, 'CommandIgnored')).toEqual([
      'promoteFull was ignored: revision 1 is the stable version already; to take it back, undo',
    ]);
    await cluster.stopController();
  });

  it.each([
    ['promoteFull', PROMOTE_FULL],
    ['abort', ABORT],
  ])('a %s that the controller sees together with the next version is dropped', async (command, patch) => {
    const lag = new Lag();
    const { cluster, dataPlane } = await pausedWeb({}, { hooks: lag.hooks(() => cluster.clock) });
    lag.ms = 3 * SECOND;
    await cluster.patch('web', patch, 'status');
    await cluster.apply(web({ image: 'v3' }));
    await cluster.clock.advanceBy(3 * SECOND);
    lag.ms = 0;
    const paused = await cluster.until('web', isPausedAt(1), 5 * MINUTE);
    expect(revisionOf(paused)).toBe(3);
    expect(paused.status).not.toHaveProperty(command);
    expect(texts(cluster, 'CommandIgnored')).toEqual([
      `${command} was ignored: it was given before revision 3 began; give it again if it is meant for that one`,
    ]);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('an abort beside a change of the steps is for the same version, and counts', async () => {
    const lag = new Lag();
    const { cluster, stable, dataPlane } = await pausedWeb({}, { hooks: lag.hooks(() => cluster.clock) });
    lag.ms = 3 * SECOND;
    await cluster.patch('web', ABORT, 'status');
    await cluster.patch('web', { spec: { strategy: { canary: { steps: [...STEPS, { pause: {} }] } } } });
    await cluster.clock.advanceBy(3 * SECOND);
    lag.ms = 0;
    await cluster.until('web', isAborted, 5 * SECOND);
    await cluster.clock.advanceBy(2 * MINUTE);
    expect([...dataPlane.shares]).toEqual([[stable, 1]]);
    await cluster.stopController();
  });

  it('promote --full right after an undo that the controller has not seen applies to the undo', async () => {
    const lag = new Lag();
    const { cluster } = await pausedWeb({}, { hooks: lag.hooks(() => cluster.clock) });
    await cluster.patch('web', PROMOTE_FULL, 'status');
    await cluster.until('web', isPromoted, 2 * MINUTE);
    await cluster.clock.advanceBy(MINUTE);
    const cli = await CliRunner.start(cluster.server, cluster.clock);
    lag.ms = 2 * SECOND;
    expect(await cli.run('undo', 'web')).toMatchObject({ exitCode: 0 });
    const promoting = cli.start('promote', 'web', '--full').done;
    await cluster.clock.advanceBy(5 * SECOND);
    lag.ms = 0;
    expect(await promoting).toMatchObject({ exitCode: 0 });
    const done = await cluster.until('web', (rollout) => isHealthy(rollout) && revisionOf(rollout) === 3, 2 * MINUTE);
    expect(done.spec.template?.spec?.containers[0]?.image).toBe('example.com/app:v1');
    expect(texts(cluster, 'RolloutPaused')).toHaveLength(1);
    await cli.close();
    await cluster.stopController();
  });
});

describe('F81 promote racing the deadline:', () => {
  const DEADLINE = 60;
  const RACE = { steps: [{ setWeight: 50 }], spec: { progressDeadlineSeconds: DEADLINE, progressDeadlineAbort: true } };

  it.each([-1, 0, 1])('%i s from it, one of both wins, and the event says which', async (offset) => {
    let isBroken = false;
    const behaviour = () => ({ readyAfterMs: isBroken ? undefined : SECOND, stopsAfterMs: SECOND });
    const { cluster, dataPlane } = await runningWeb(RACE, { kubelet: { behaviour } });
    isBroken = true;
    await cluster.apply(web({ ...RACE, image: 'v2' }));
    const started = await cluster.until('web', ({ status }) => status?.updatedReplicas === 2, MINUTE);
    const since = Date.parse(
      started.status?.conditions?.find(({ type }) => type === 'Progressing')?.lastUpdateTime ?? '',
    );
    await cluster.clock.advanceTo(since + (DEADLINE + offset) * SECOND);
    isBroken = false;
    const states = recorded(cluster);
    await cluster.patch('web', PROMOTE_FULL, 'status');
    await cluster.clock.advanceBy(5 * MINUTE);
    const { status } = await cluster.rollout('web');
    const ends = states.map((state) => state.status?.stableRS === state.status?.currentPodHash);
    const isDone = status?.stableRS === status?.currentPodHash;
    // Once decided, it stays decided.
    expect(ends).toEqual(ends.toSorted((left, right) => Number(left) - Number(right)));
    expect(cluster.reasons('web').filter((reason) => reason === 'RolloutCompleted')).toHaveLength(isDone ? 2 : 1);
    expect(isDone ? status?.phase : isAborted(await cluster.rollout('web'))).toBe(isDone ? 'Healthy' : true);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('a promotion sent while no controller runs is not lost', async () => {
    const { cluster, dataPlane } = await pausedWeb();
    await cluster.stopController();
    await cluster.patch('web', RESUME, 'status');
    await cluster.clock.advanceBy(30 * MINUTE);
    cluster.startController();
    await cluster.until('web', isPromoted, 3 * MINUTE);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});

it('F82 retry after abort: never by itself; judged anew, on the pods that still run', async () => {
  let rate = '0.5';
  const judged = {
    steps: [{ setWeight: 25 }, { pause: {} }],
    canary: { ...judgedBy('success'), abortScaleDownDelaySeconds: 7_200 },
  };
  const { cluster, dataPlane } = await runningWeb(judged, { prometheus: () => [rate] }, [template('success')]);
  await cluster.apply(web({ ...judged, image: 'v2' }));
  const aborted = await cluster.until('web', isAborted, 5 * MINUTE);
  rate = '0.99';
  await cluster.clock.advanceBy(60 * MINUTE);
  expect(isAborted(await cluster.rollout('web'))).toBe(true);
  const pods = podsOf(cluster, aborted.status?.currentPodHash ?? '').map(({ metadata }) => metadata.uid);
  expect(pods).toHaveLength(1);
  await cluster.patch('web', RETRY, 'status');
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  expect(podsOf(cluster, aborted.status?.currentPodHash ?? '').map(({ metadata }) => metadata.uid)).toEqual(pods);
  expect(cluster.runs().map(({ status }) => status?.phase)).toEqual(['Failed', 'Running']);
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isPromoted, 2 * MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F83 restart of an aborted Rollout: only pods of the stable version restart, and the weight stays 0', async () => {
  const { cluster, dataPlane, stable, canary } = await pausedWeb({ canary: { abortScaleDownDelaySeconds: 0 } });
  await cluster.patch('web', ABORT, 'status');
  await cluster.until('web', isAborted, 5 * SECOND);
  await cluster.clock.advanceBy(2 * MINUTE);
  const uids = (hash: string) => podsOf(cluster, hash).map(({ metadata }) => metadata.uid ?? '');
  const [before, kept] = [new Set(uids(stable)), uids(canary)];
  expect(kept).toHaveLength(1);
  const restartAt = formatTimestamp(cluster.clock.now());
  await cluster.patch('web', { spec: { restartAt } });
  await cluster.until('web', ({ status }) => status?.restartedAt === restartAt, 10 * MINUTE);
  expect(uids(stable)).toHaveLength(4);
  expect(uids(stable).some((uid) => before.has(uid))).toBe(false);
  expect(uids(canary)).toEqual(kept);
  expect(dataPlane.weights).toEqual([0, 25, 0]);
  expect(isAborted(await cluster.rollout('web'))).toBe(true);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});
