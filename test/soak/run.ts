/** `npm run test:soak`: plays one seeded world after the other, on all cores, until its time is over or Ctrl-C. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { failureReport } from '../scenario/world/failure-report.ts';
import { moment } from '../scenario/world/narrative.ts';
import { runSeed } from '../scenario/world/run-seed.ts';
import { crashStories } from './stories.ts';

/** What a worker tells of one seed. */
interface Outcome {
  readonly seed: number;
  /** It lasted for days. */
  readonly isLong: boolean;
  readonly virtualHours: number;
  readonly rolloutHours: number;
  readonly writes: number;
  readonly checks: number;
  readonly crashes: number;
  readonly cpuMinutes: number;
  /** Absent when nothing went wrong. */
  readonly report?: string;
}

const USAGE = `npm run test:soak -- [--minutes N] [--from SEED] [--workers N]   plays seeds from SEED (default 1) on for N minutes (default 5)
npm run test:soak -- --seed SEED                               plays one seed, and tells what happened if it fails
npm run test:soak -- --stories [--story NAME] [--every N]      plays the golden stories, and lets the controller die after each N-th write`;
const PROGRESS_MS = 5_000;

/** What a worker says at once when a seed fails: shortening its schedule takes a while. */
interface Alarm {
  readonly failed: number;
  readonly text: string;
}

async function playSeed(seed: number, alarm: (alarm: Alarm) => void = () => {}): Promise<Outcome> {
  const before = process.cpuUsage();
  const result = await runSeed(seed);
  const { user, system } = process.cpuUsage(before);
  const { virtualMs, writes, checks, crashes } = result.stats;
  const [first] = result.violations;
  if (first !== undefined) alarm({ failed: seed, text: `${first.invariant} at ${moment(first.at)}: ${first.text}` });
  return {
    seed,
    isLong: result.scenario.restMinutes !== undefined,
    virtualHours: virtualMs / 3_600_000,
    rolloutHours: result.rolloutHours,
    writes,
    checks,
    crashes,
    cpuMinutes: (user + system) / 60_000_000,
    ...(result.violations.length === 0 ? {} : { report: await failureReport(result) }),
  };
}

/** In a process of its own: plays the seeds that it is sent. */
function work(): void {
  process.on('message', (seed: number) => {
    void playSeed(seed, (alarm) => process.send?.(alarm)).then((outcome) => process.send?.(outcome));
  });
  // The parent decides when it is over; Ctrl-C reaches the whole process group.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit());
}

class Soak {
  readonly #outcomes: Outcome[] = [];
  readonly #failures: number[] = [];
  /** Failed seeds whose schedule is still being shortened. */
  readonly #unreported = new Set<number>();
  readonly #reported: PromiseWithResolvers<undefined> = Promise.withResolvers();
  readonly #workers: readonly ChildProcess[];
  readonly #started = performance.now();
  readonly #end: PromiseWithResolvers<undefined> = Promise.withResolvers();
  #next: number;
  #isOver = false;

  constructor(from: number, workers: number) {
    this.#next = from;
    this.#workers = Array.from({ length: workers }, () => fork(import.meta.filename, ['--worker']));
  }

  async run(minutes: number): Promise<void> {
    for (const worker of this.#workers) {
      worker.on('message', (message: Outcome | Alarm) => {
        if ('failed' in message) this.#failed(message);
        else this.#finished(worker, message);
      });
      worker.on('exit', () => {
        this.#end.resolve(undefined);
        this.#reported.resolve(undefined);
      });
      this.#giveWork(worker);
    }
    const progress = setInterval(() => process.stderr.write(`\r${this.#progress()} `), PROGRESS_MS);
    const timer = setTimeout(() => this.#end.resolve(undefined), minutes * 60_000);
    process.on('SIGINT', () => this.#end.resolve(undefined));
    await this.#end.promise;
    this.#isOver = true;
    clearInterval(progress);
    clearTimeout(timer);
    await this.#reports();
    for (const worker of this.#workers) worker.kill('SIGTERM');
    print(`\n${this.#summary()}`);
    process.exitCode = this.#failures.length === 0 ? 0 : 1;
  }

  /** Waits for what is still to be reported, a few minutes at the most (`shrink`); Ctrl-C ends that. */
  async #reports(): Promise<void> {
    if (this.#unreported.size === 0) return;
    print(`\nshortening the schedule of ${[...this.#unreported].join(', ')}; Ctrl-C to do without`);
    process.on('SIGINT', () => this.#reported.resolve(undefined));
    await this.#reported.promise;
  }

  #giveWork(worker: ChildProcess): void {
    worker.send(this.#next);
    this.#next += 1;
  }

  #failed({ failed, text }: Alarm): void {
    this.#failures.push(failed);
    this.#unreported.add(failed);
    print(`\nseed ${failed} breaks ${text}\n  again: npm run test:soak -- --seed ${failed}`);
  }

  #finished(worker: ChildProcess, outcome: Outcome): void {
    if (outcome.report !== undefined) print(`\n${outcome.report}\n`);
    this.#unreported.delete(outcome.seed);
    if (this.#isOver && this.#unreported.size === 0) this.#reported.resolve(undefined);
    if (this.#isOver) return;
    this.#outcomes.push(outcome);
    this.#giveWork(worker);
  }

  #sum(of: (outcome: Outcome) => number, outcomes: readonly Outcome[] = this.#outcomes): number {
    return outcomes.reduce((sum, outcome) => sum + of(outcome), 0);
  }

  /** Virtual rollout-hours per CPU-minute. */
  #speed(outcomes: readonly Outcome[]): string {
    const cpuMinutes = this.#sum((outcome) => outcome.cpuMinutes, outcomes);
    return cpuMinutes === 0 ? '-' : (this.#sum((outcome) => outcome.rolloutHours, outcomes) / cpuMinutes).toFixed(0);
  }

  #progress(): string {
    const hours = Math.round(this.#sum(({ rolloutHours }) => rolloutHours));
    const elapsed = moment(performance.now() - this.#started).slice(0, -4);
    return `${elapsed}  ${this.#outcomes.length} seeds, ${hours} rollout-hours, ${this.#failures.length} failed`;
  }

  #summary(): string {
    const outcomes = this.#outcomes;
    const rolloutHours = this.#sum((outcome) => outcome.rolloutHours);
    const rows: readonly (readonly [string, string])[] = [
      ['seeds', `${outcomes.length} (next: --from ${this.#next})`],
      ['virtual hours', this.#sum(({ virtualHours }) => virtualHours).toFixed(1)],
      ['virtual rollout-hours', rolloutHours.toFixed(1)],
      ['writes', String(this.#sum(({ writes }) => writes))],
      ['crashes injected', String(this.#sum(({ crashes }) => crashes))],
      ['invariant checks', String(this.#sum(({ checks }) => checks))],
      ['rollout-hours per CPU-minute', this.#speed(outcomes)],
      ['  in worlds of minutes', this.#speed(outcomes.filter(({ isLong }) => !isLong))],
      ['  in worlds of days', this.#speed(outcomes.filter(({ isLong }) => isLong))],
      ['failed', this.#failures.join(' ') || 'none'],
    ];
    return rows.map(([name, value]) => `${name.padEnd(30)}${value}`).join('\n');
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      workers: { type: 'string', default: String(availableParallelism()) },
      stories: { type: 'boolean', default: false },
      story: { type: 'string' },
      every: { type: 'string', default: '1' },
      worker: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) print(USAGE);
  else if (values.worker) work();
  else if (values.stories)
    await crashStories(number('workers', values.workers), number('every', values.every), values.story);
  else if (values.seed !== undefined) await playOne(number('seed', values.seed));
  else
    await new Soak(number('from', values.from), number('workers', values.workers)).run(
      number('minutes', values.minutes),
    );
}

async function playOne(seed: number): Promise<void> {
  const { report, ...numbers } = await playSeed(seed);
  print(report ?? `seed ${seed} holds: ${JSON.stringify(numbers)}`);
  process.exitCode = report === undefined ? 0 : 1;
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${option} ${JSON.stringify(text)} is not a number\n${USAGE}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
