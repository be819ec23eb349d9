/** One line of the bench: what was measured, and what it ought to be. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  /** The same of Argo Rollouts, where both are measured beside each other. */
  readonly peer?: number;
  readonly unit: 'ms' | 's' | 'MB' | 'requests' | 'writes';
  /** The largest value that is good enough; absent for what is told for information. */
  readonly target?: number;
  /** Where the figure comes from: counts, spread. */
  readonly note?: string;
}

/** What all figures share. */
export interface BenchOptions {
  /** How often a short measurement is repeated; the median counts. */
  readonly repeats: number;
  /** How long an idle controller is watched. */
  readonly idleSeconds: number;
  /** How many Rollouts are updated at once beside a peer. */
  readonly rollouts: number;
  /** Folder for a CPU profile of our controller, in the form that browsers' tools read; undefined: none. */
  readonly profile: string | undefined;
  /** For people who wait. */
  readonly progress: (text: string) => void;
}

/** Measures one thing, with servers and processes of its own that are gone when it resolves. */
export type Measure = (options: BenchOptions) => Promise<readonly Figure[]>;

/** Figures without a target are neither good nor bad. */
export function isGood({ measured, target }: Figure): boolean | undefined {
  return target === undefined ? undefined : measured <= target;
}

/** The value that a share (0 to 1) of the samples does not exceed; nearest rank, so it is one of the samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new Error('a percentile of no samples');
  return value;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** `0.31 … 0.42 s in 5 runs`, for a note. */
export function spread(samples: readonly number[], unit: Figure['unit']): string {
  return `${round(Math.min(...samples))} … ${round(Math.max(...samples))} ${unit} in ${samples.length} runs`;
}

/** Three significant digits are all that a shared machine supports. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
