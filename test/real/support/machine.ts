import type { ComponentName } from '../../../src/sandbox/components/component.ts';
import type { Programs } from '../../../src/sandbox/components/component-cache.ts';

/** What `npm run test:real` found before it started Vitest. */
export interface Machine {
  readonly programs: Programs;
  /** Why a component cannot be had, in one line. */
  readonly missing: Partial<Record<ComponentName, string>>;
  /** Why no container can be started. */
  readonly containerObstacle?: string | undefined;
}

/** How it tells the tests. */
export const MACHINE_VARIABLE = 'LINNET_REAL_MACHINE';

const text = process.env[MACHINE_VARIABLE];
const machine: Machine | undefined = text === undefined ? undefined : (JSON.parse(text) as Machine);

const ELSEWHERE = 'these tests are run by `npm run test:real`';

/** All programs of the components. */
export const programs: Programs = machine?.programs ?? {};

/** Why tests that need these components cannot run here, for `describe.skipIf`; undefined when they can. */
export function lacking(...components: readonly ComponentName[]): string | undefined {
  if (machine === undefined) return ELSEWHERE;
  return components.map((name) => machine.missing[name]).find((reason) => reason !== undefined);
}

/** The same for tests that need a container engine. */
export function lackingContainers(): string | undefined {
  return machine === undefined ? ELSEWHERE : machine.containerObstacle;
}

/** @throws Error when the program belongs to a component that a test did not ask for with `lacking` */
export function program(name: string): string {
  const path = programs[name];
  if (path === undefined) throw new Error(`${name} is not there: ask with lacking() before`);
  return path;
}
