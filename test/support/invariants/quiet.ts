/** What the controller did while nothing changed from outside. */
export interface Rest {
  readonly writes: number;
  /** The last of them. */
  readonly lastWrite: string;
  readonly minutes: number;
  /** Passes by object. */
  readonly passes: ReadonlyMap<string, number>;
}

const MAX_PASSES_PER_MINUTE = 10;

/** I6, quiet: without outside change nothing is written, and no object is looked at more than ten times a minute. */
export function quiet({ writes, lastWrite, minutes, passes }: Rest): readonly string[] {
  const busy = [...passes].filter(([, count]) => count > MAX_PASSES_PER_MINUTE * minutes);
  return [
    ...(writes === 0 ? [] : [`${writes} writes without any change, the last: ${lastWrite}`]),
    ...busy.map(([object, count]) => `${count} passes over ${object} in ${minutes} minutes without any change`),
  ];
}
