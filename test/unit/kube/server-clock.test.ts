import { describe, expect, test } from 'vitest';
import { DatedTransport } from '../../../src/kube/dated-transport.ts';
import { ServerClock } from '../../../src/kube/server-clock.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { silentLogger } from '../../../src/telemetry/logger.ts';
import { ProcessClock } from '../../support/process-clock.ts';
import { ScriptedTransport } from '../../support/scripted-transport.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const GET = { method: 'GET', path: '/version' } as const;

/** A machine whose clock is ahead, and a server that answers after `lagMs` with its own time. */
function meet(skewMs: number, lagMs = 0) {
  const world = new VirtualClock(Date.UTC(2026, 0, 1, 12, 0, 0, 250));
  const machine = new ProcessClock(world, skewMs);
  const clock = new ServerClock(machine);
  const warnings: unknown[] = [];
  const inner = new ScriptedTransport(async () => {
    const date = new Date(world.now()).toUTCString();
    await world.sleep(lagMs);
    return { headers: { date } };
  });
  const logger = { ...silentLogger, warn: (details: object) => warnings.push(details) };
  const transport = new DatedTransport(inner, clock, logger);
  const ask = async (): Promise<void> => {
    const answer = transport.request(GET);
    await world.advanceBy(lagMs);
    await answer;
  };
  return { world, machine, clock, transport, inner, warnings, ask };
}

describe('the time of the API server', () => {
  test.each([0, 200, -700])('a machine that is off by %d ms is right, and never put right', async (skewMs) => {
    const { world, clock, ask, warnings } = meet(skewMs, 900);
    for (let second = 0; second < 5; second += 1) {
      await ask();
      expect(clock.now() - world.now()).toBe(skewMs);
      await world.advanceBy(1_370);
    }
    expect(warnings).toEqual([]);
  });

  test.each([10 * MINUTE, -10 * MINUTE, 3_000_000 * MINUTE])(
    'off by %d ms: right to a second after the first answer',
    async (skewMs) => {
      const { world, clock, ask, warnings } = meet(skewMs);
      expect(clock.now() - world.now()).toBe(skewMs);
      await ask();
      expect(Math.abs(clock.now() - world.now())).toBeLessThanOrEqual(SECOND);
      expect(warnings).toEqual([{ byMs: expect.closeTo(-skewMs, -4) }]);
      await ask();
      expect(warnings).toHaveLength(1);
    },
  );

  test('more answers make it more precise', async () => {
    const { world, clock, ask } = meet(MINUTE);
    for (let answer = 0; answer < 20; answer += 1) {
      await ask();
      await world.advanceBy(1_050);
    }
    expect(Math.abs(clock.now() - world.now())).toBeLessThanOrEqual(50);
  });

  test('a clock of the machine that jumps changes nothing, with or without answers', async () => {
    const { world, machine, clock } = meet(0);
    machine.jump(-10 * MINUTE);
    await world.advanceBy(MINUTE);
    expect(clock.now()).toBe(world.now());
  });

  test('the clock of the server that is set is followed', async () => {
    const { world, clock, ask } = meet(0);
    await ask();
    world.set(-10 * MINUTE);
    await ask();
    expect(Math.abs(clock.now() - world.now())).toBeLessThanOrEqual(SECOND);
  });

  test('API servers whose clocks differ are told of once in ten minutes', async () => {
    const { world, ask, warnings } = meet(0);
    for (let answer = 0; answer < 20; answer += 1) {
      world.set(answer % 2 === 0 ? MINUTE : -MINUTE);
      await ask();
      await world.advanceBy(MINUTE);
    }
    expect(warnings).toHaveLength(2);
  });

  test.each([{}, { date: 'soon' }])('answers without a date say nothing: %o', async (headers) => {
    const { world, clock, transport, inner } = meet(MINUTE);
    inner.answer = () => ({ headers });
    await transport.request(GET);
    expect(clock.now() - world.now()).toBe(MINUTE);
  });
});
