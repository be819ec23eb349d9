import { expect, it } from 'vitest';
import { type ControllerConfig, parseArgs } from '../../../src/config/controller-config.ts';

function configOf(...args: readonly string[]): ControllerConfig {
  const parsed = parseArgs(args, {});
  if (parsed.kind !== 'run') throw new Error('expected something to run');
  return parsed;
}

it('compares caches with the API server as often as --rollout-resync says, never with 0', () => {
  expect(configOf().relistMs).toBe(900_000);
  expect(configOf('--rollout-resync=60').relistMs).toBe(60_000);
  expect(configOf('--rollout-resync=0').relistMs).toBe(Number.POSITIVE_INFINITY);
});
