import type { CanaryStep } from '../../src/api/canary-step.ts';
import type { TinyWorld, WorldOptions } from '../support/tiny-world.ts';
import { NGINX, specOf } from './worlds.ts';

/** One story: the world it happens in, and what people do there. */
export interface Script {
  readonly options: WorldOptions;
  readonly play: (world: TinyWorld) => void;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const TEN_THIRTY_FIFTY: readonly CanaryStep[] = [
  { setWeight: 10 },
  { pause: { duration: '30s' } },
  { setWeight: 30 },
  { pause: { duration: '30s' } },
  { setWeight: 50 },
  { pause: {} },
];

export const STORIES: Readonly<Record<string, Script>> = {
  'initial-deploy-nginx': {
    options: { routed: true, spec: specOf({ ...NGINX, steps: TEN_THIRTY_FIFTY }) },
    play: (world) => world.run(2 * MINUTE),
  },
  'healthy-canary-nginx': {
    options: { routed: true, spec: specOf({ ...NGINX, steps: TEN_THIRTY_FIFTY }) },
    play: (world) => {
      world.run(MINUTE);
      world.image('v2');
      world.run(5 * MINUTE);
      world.promote();
      world.run(5 * MINUTE);
    },
  },
};
