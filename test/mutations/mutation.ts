/** What finds a mutation. */
export type Net =
  /** A scenario, by the file of its test under `test` and its name as vitest prints it, `group > test`. */
  | { readonly scenario: string; readonly test: string }
  /** The random mode: of the worlds that `npm test` plays, the one that is known to find it and is tried first. */
  | { readonly world: number };

/** A bug put in on purpose, in memory alone: the nets of the test suite have to find it. */
export interface Mutation {
  /** Kebab-case, unique. */
  readonly id: string;
  /** What it would do to users or operators. */
  readonly hurts: string;
  /** Under `src`. */
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  readonly caughtBy: Net;
}

/** The environment variable that names the mutation that the transformed sources have. */
export const MUTATION_VARIABLE = 'LINNET_MUTATION';

/** The source of `file` with the bug in it. */
export function mutated(source: string, { id, file, find, replace }: Mutation): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(
      `mutation ${id}: its text has to occur once in src/${file}, not ${source.split(find).length - 1} times`,
    );
  return `${before}${replace}${after}`;
}
