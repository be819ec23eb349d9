import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/api/core-types.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  isAborted,
  isHealthy,
  isPausedAt,
  judgedBy,
  MINUTE,
  network,
  runningWeb,
  SECOND,
  template,
  type WebOptions,
  web,
} from '../release/fixtures.ts';

/** All pods of the canary start at once, for as long as a scenario says; two minutes are allowed. */
const HURRIED = { steps: [{ setWeight: 100 }], spec: { progressDeadlineSeconds: 120, progressDeadlineAbort: true } };

function slowSecondVersion(readyAfterMs: number | undefined) {
  return {
    behaviour: ({ spec }: Pod) => {
      const isSecond = spec?.containers[0]?.image?.endsWith('v2') === true;
      return { readyAfterMs: isSecond ? readyAfterMs : SECOND, stopsAfterMs: SECOND };
    },
  };
}

const secondVersion: WebOptions = { ...HURRIED, image: 'v2' };

describe('F06 no deadline failure for the time of an outage', () => {
  /** The API server leaves the controller, and nobody else, alone for five minutes while the canary starts. */
  async function outage(readyAfterMs: number | undefined) {
    let away = false;
    const world = await runningWeb(HURRIED, {
      kubelet: slowSecondVersion(readyAfterMs),
      hooks: {
        before: () => {
          if (away) throw new Error('connection refused');
        },
        event: () => (away ? 'break' : undefined),
      },
    });
    await world.cluster.apply(web(secondVersion));
    await world.cluster.clock.advanceBy(20 * SECOND);
    away = true;
    await world.cluster.clock.advanceBy(5 * MINUTE);
    away = false;
    return world;
  }

  it('pods that become ready within the deadline after it are in time', async () => {
    const { cluster, dataPlane } = await outage(7 * MINUTE);
    await cluster.until('web', isHealthy, 4 * MINUTE);
    expect(cluster.reasons('web')).not.toContain('RolloutAborted');
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('pods that do not are not: the deadline has begun anew, once', async () => {
    const { cluster } = await outage(undefined);
    await cluster.clock.advanceBy(110 * SECOND);
    expect(cluster.reasons('web')).not.toContain('RolloutAborted');
    await cluster.until('web', isAborted, 50 * SECOND);
    await cluster.stopController();
  });
});

describe('F06 what waits for the API server is done soon after its return', () => {
  const PAUSED = { steps: [{ setWeight: 25 }, { pause: {} }], canary: judgedBy('success') };

  /** It leaves the controller, and nobody else, alone for ten minutes while the canary has its weight. */
  async function outage(meanwhile: (cluster: TestCluster) => Promise<unknown>) {
    let away = false;
    let rate = '0.99';
    const { cluster, dataPlane } = await runningWeb(
      PAUSED,
      {
        prometheus: () => [rate],
        hooks: {
          before: () => {
            if (away) throw new Error('connection refused');
          },
          event: () => (away ? 'break' : undefined),
        },
      },
      [template('success')],
    );
    await cluster.apply(web({ ...PAUSED, image: 'v2' }));
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    away = true;
    rate = '0.2';
    await cluster.clock.advanceBy(5 * MINUTE);
    await meanwhile(cluster);
    await cluster.clock.advanceBy(5 * MINUTE);
    away = false;
    return { cluster, dataPlane };
  }

  it('an abort takes the weight away within 8 s', async () => {
    const { cluster, dataPlane } = await outage((at) => at.patch('web', { status: { abort: true } }, 'status'));
    const isTakenBack = ({ status }: Rollout): boolean => status?.canary?.weights?.canary?.weight === 0;
    await cluster.until('web', isTakenBack, 8 * SECOND);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('what the analysis has to say of the time after it is not late either', async () => {
    const { cluster, dataPlane } = await outage(() => Promise.resolve());
    // Twice is more than the failure limit allows.
    await cluster.until('web', isAborted, 8 * SECOND + 2 * 10 * SECOND);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});

describe('F06 no deadline failure for a time in which nobody led', () => {
  async function gap(absentMs: number, readyAfterMs: number) {
    const cluster = new TestCluster({ kubelet: slowSecondVersion(readyAfterMs) });
    const first = cluster.startController({ identity: 'first' });
    await cluster.apply(...network(), web(HURRIED));
    await cluster.until('web', isHealthy, 2 * MINUTE);
    await cluster.apply(web(secondVersion));
    await cluster.clock.advanceBy(20 * SECOND);
    first.kill();
    await cluster.clock.advanceBy(absentMs);
    return { cluster, second: cluster.startController({ identity: 'second' }) };
  }

  it('the deadline begins anew with the next leader, and a third one keeps to that', async () => {
    const { cluster, second } = await gap(5 * MINUTE, 7 * MINUTE);
    await cluster.clock.advanceBy(30 * SECOND);
    second.kill();
    cluster.startController({ identity: 'third' });
    await cluster.until('web', isHealthy, 4 * MINUTE);
    expect(cluster.reasons('web')).not.toContain('RolloutAborted');
    await cluster.stopController();
  });

  it('a leader that changes without a gap gives nothing away', async () => {
    const { cluster } = await gap(SECOND, 7 * MINUTE);
    const { status } = await cluster.until('web', isAborted, 2 * MINUTE);
    expect(status?.message).toContain('has timed out progressing');
    await cluster.stopController();
  });
});
