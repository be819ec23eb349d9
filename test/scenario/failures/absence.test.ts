import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/api/core-types.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  isAborted,
  isHealthy,
  MINUTE,
  network,
  runningWeb,
  SECOND,
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
