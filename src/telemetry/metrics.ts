export type LabelValues<N extends string> = Readonly<Record<N, string>>;

/** client-go's default buckets for request durations, seconds. */
const DURATION_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A family with more label combinations than this has a label that nobody meant to be unbounded. */
const DEFAULT_MAX_SERIES = 20_000;

/** The media type of `expose()`. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface FamilyDefinition<N extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly N[];
  readonly maxSeries: number;
  /** Called for each combination that the limit keeps out. */
  readonly onDropped: () => void;
}

interface Exposable {
  readonly type: 'counter' | 'gauge' | 'histogram';
  expose(): string[];
}

/** All series of one name: what counters, gauges and histograms have in common. */
abstract class Family<N extends string, S> implements Exposable {
  abstract readonly type: Exposable['type'];
  protected readonly definition: FamilyDefinition<N>;
  readonly #series = new Map<string, { readonly values: readonly string[]; readonly state: S }>();

  constructor(definition: FamilyDefinition<N>) {
    this.definition = definition;
  }

  protected abstract create(): S;
  protected abstract lines(labels: readonly string[], state: S): string[];

  /** The series with these labels, made when new; `undefined` beyond the limit. */
  protected at(labels: LabelValues<N>): S | undefined {
    const values = this.definition.labels.map((name) => labels[name]);
    const key = values.join('\u0000');
    const known = this.#series.get(key);
    if (known !== undefined) {
      return known.state;
    }
    if (this.#series.size >= this.definition.maxSeries) {
      this.definition.onDropped();
      return undefined;
    }
    const state = this.create();
    this.#series.set(key, { values, state });
    return state;
  }

  protected peek(labels: LabelValues<N>): S | undefined {
    return this.#series.get(this.definition.labels.map((name) => labels[name]).join('\u0000'))?.state;
  }

  /** Forgets every series whose labels include all the given ones: those of a deleted object, say. */
  remove(labels: Partial<LabelValues<N>>): void {
    for (const [key, { values }] of this.#series) {
      if (this.definition.labels.every((name, i) => labels[name] === undefined || labels[name] === values[i])) {
        this.#series.delete(key);
      }
    }
  }

  clear(): void {
    this.#series.clear();
  }

  expose(): string[] {
    if (this.#series.size === 0) {
      return [];
    }
    const { name, help, labels } = this.definition;
    const lines = [
      `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE ${name} ${this.type}`,
    ];
    for (const { values, state } of this.#series.values()) {
      lines.push(
        ...this.lines(
          labels.map((label, i) => `${label}="${escapeLabel(values[i] ?? '')}"`),
          state,
        ),
      );
    }
    return lines;
  }
}

interface Cell {
  value: number;
}

/** A number that only grows. */
export class Counter<N extends string = never> extends Family<N, Cell> {
  readonly type = 'counter';

  inc(labels: LabelValues<N>, by = 1): void {
    const cell = this.at(labels);
    if (cell !== undefined) {
      cell.value += by;
    }
  }

  value(labels: LabelValues<N>): number {
    return this.peek(labels)?.value ?? 0;
  }

  protected override create(): Cell {
    return { value: 0 };
  }

  protected override lines(labels: readonly string[], { value }: Cell): string[] {
    return [sample(this.definition.name, labels, value)];
  }
}

/** A number that goes up and down. */
export class Gauge<N extends string = never> extends Family<N, Cell> {
  readonly type = 'gauge';

  set(labels: LabelValues<N>, value: number): void {
    const cell = this.at(labels);
    if (cell !== undefined) {
      cell.value = value;
    }
  }

  value(labels: LabelValues<N>): number | undefined {
    return this.peek(labels)?.value;
  }

  protected override create(): Cell {
    return { value: 0 };
  }

  protected override lines(labels: readonly string[], { value }: Cell): string[] {
    return [sample(this.definition.name, labels, value)];
  }
}

interface Distribution {
  readonly counts: number[];
  count: number;
  sum: number;
}

/** Counts observations by size. */
export class Histogram<N extends string = never> extends Family<N, Distribution> {
  readonly type = 'histogram';
  readonly #buckets: readonly number[];

  constructor(definition: FamilyDefinition<N>, buckets: readonly number[]) {
    super(definition);
    this.#buckets = buckets;
  }

  observe(labels: LabelValues<N>, value: number): void {
    const state = this.at(labels);
    if (state === undefined) {
      return;
    }
    const bucket = this.#buckets.findIndex((bound) => value <= bound);
    if (bucket !== -1) {
      state.counts[bucket] = (state.counts[bucket] ?? 0) + 1;
    }
    state.count += 1;
    state.sum += value;
  }

  count(labels: LabelValues<N>): number {
    return this.peek(labels)?.count ?? 0;
  }

  protected override create(): Distribution {
    return { counts: this.#buckets.map(() => 0), count: 0, sum: 0 };
  }

  protected override lines(labels: readonly string[], { counts, count, sum }: Distribution): string[] {
    const { name } = this.definition;
    let cumulative = 0;
    const buckets = this.#buckets.map((bound, i) => {
      cumulative += counts[i] ?? 0;
      return sample(`${name}_bucket`, [...labels, `le="${bound}"`], cumulative);
    });
    return [
      ...buckets,
      sample(`${name}_bucket`, [...labels, 'le="+Inf"'], count),
      sample(`${name}_sum`, labels, sum),
      sample(`${name}_count`, labels, count),
    ];
  }
}

export interface MetricOptions {
  readonly maxSeries?: number;
}

/**
 * The process's metrics. Asking twice for a name returns the same metric, so that every part can name what it needs.
 */
export class MetricsRegistry {
  readonly #families = new Map<string, Exposable>();
  readonly #collectors: (() => void)[] = [];
  readonly #dropped: Counter<'metric'>;

  constructor() {
    this.#dropped = this.counter(
      'metrics_series_dropped_total',
      'Series not recorded because their metric has too many label combinations.',
      ['metric'],
    );
  }

  counter<N extends string = never>(
    name: string,
    help: string,
    labels: readonly N[],
    options: MetricOptions = {},
  ): Counter<N> {
    return this.#family(name, 'counter', () => new Counter(this.#definition(name, help, labels, options)));
  }

  gauge<N extends string = never>(
    name: string,
    help: string,
    labels: readonly N[],
    options: MetricOptions = {},
  ): Gauge<N> {
    return this.#family(name, 'gauge', () => new Gauge(this.#definition(name, help, labels, options)));
  }

  histogram<N extends string = never>(
    name: string,
    help: string,
    labels: readonly N[],
    options: MetricOptions & { readonly buckets?: readonly number[] } = {},
  ): Histogram<N> {
    return this.#family(
      name,
      'histogram',
      () => new Histogram(this.#definition(name, help, labels, options), options.buckets ?? DURATION_BUCKETS),
    );
  }

  /** `collect` runs before each exposition and sets what is derived from other state. */
  onScrape(collect: () => void): void {
    this.#collectors.push(collect);
  }

  /** Prometheus' text format 0.0.4. */
  expose(): string {
    for (const collect of this.#collectors) {
      collect();
    }
    const lines = [...this.#families.values()].flatMap((family) => family.expose());
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  #definition<N extends string>(
    name: string,
    help: string,
    labels: readonly N[],
    { maxSeries = DEFAULT_MAX_SERIES }: MetricOptions,
  ): FamilyDefinition<N> {
    return { name, help, labels, maxSeries, onDropped: () => this.#dropped.inc({ metric: name }) };
  }

  #family<F extends Exposable>(name: string, type: Exposable['type'], make: () => F): F {
    const known = this.#families.get(name);
    if (known === undefined) {
      const family = make();
      this.#families.set(name, family);
      return family;
    }
    if (known.type !== type) {
      throw new TypeError(`metric ${name} already exists as a ${known.type}`);
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the labels are part of what the name stands for
    return known as F;
  }
}

function sample(name: string, labels: readonly string[], value: number): string {
  return `${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${formatNumber(value)}`;
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? '+Inf' : '-Inf';
  }
  return String(value);
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
