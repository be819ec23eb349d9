/** `npm run bench`: measures what the project promises about speed and size, and says whether it holds. */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isInNamespace } from '../../src/sandbox/control-plane/network-namespace.ts';
import { measureAbortLatency } from './abort-latency.ts';
import { type Figure, isGood, type Measure, round } from './figure.ts';
import { measureMemory } from './memory.ts';
import { measurePluginStart } from './plugin-start.ts';
import { measureRelease } from './release-cost.ts';
import { measureSideBySide } from './side-by-side.ts';
import { measureStart } from './start.ts';
import { measureSteadyState } from './steady-state.ts';
import { measureVirtualTime } from './virtual-time.ts';

const MEASURES: Readonly<Record<string, Measure>> = {
  start: measureStart,
  memory: measureMemory,
  abort: measureAbortLatency,
  idle: measureSteadyState,
  release: measureRelease,
  virtual: measureVirtualTime,
  plugin: measurePluginStart,
};
/** Only when asked for: it builds Kubernetes and Argo Rollouts, and takes long. */
const ON_REQUEST: Readonly<Record<string, Measure>> = { 'side-by-side': measureSideBySide };
const ALL: Readonly<Record<string, Measure>> = { ...MEASURES, ...ON_REQUEST };

const HELP = `usage: npm run bench -- [--only=${Object.keys(MEASURES).join(',')}] [--repeats=5] [--idle-seconds=60] [--json]
       npm run bench -- --only=side-by-side [--rollouts=300] [--profile=FOLDER] [--json]

Measures the controller's bundle (made by this command) against the simulator over HTTP; or side by side with Argo
Rollouts' controller on a real control plane, which needs Go and Linux; --profile writes a CPU profile of Linnet there. Ends with 1 when a target is missed.`;

interface Choice {
  readonly names: readonly string[];
  readonly repeats: number;
  readonly idleSeconds: number;
  readonly rollouts: number;
  readonly profile: string | undefined;
  readonly json: boolean;
}

/** Undefined when help was asked for. */
function readChoice(args: readonly string[]): Choice | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: Object.keys(MEASURES).join(',') },
      repeats: { type: 'string', default: '5' },
      'idle-seconds': { type: 'string', default: '60' },
      rollouts: { type: 'string', default: '300' },
      profile: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const names = values.only.split(',');
  const unknown = names.filter((name) => ALL[name] === undefined);
  if (unknown.length > 0) throw new Error(`no such measurement: ${unknown.join(', ')}`);
  return {
    names,
    repeats: positive('repeats', values.repeats),
    idleSeconds: positive('idle-seconds', values['idle-seconds']),
    rollouts: positive('rollouts', values.rollouts),
    profile: values.profile === undefined ? undefined : resolve(values.profile),
    json: values.json,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1, not "${text}"`);
  return value;
}

function build(): void {
  const { status } = spawnSync(process.execPath, ['scripts/build.ts'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the build failed; its messages above say why');
}

function toTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { what, measured, peer, unit, target, note } = figure;
    const good = isGood(figure);
    return [
      what,
      text(measured, unit),
      peer === undefined ? '–' : text(peer, unit),
      target === undefined ? '–' : `≤ ${target} ${unit}`,
      good === undefined ? '–' : good ? 'yes' : 'NO',
      note ?? '',
    ];
  });
  const table = [['what', 'measured', 'Argo Rollouts', 'target', 'ok', 'note'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(' | ')
        .trimEnd(),
    )
    .join('\n');
}

/** Counts are told exactly. */
function text(value: number, unit: Figure['unit']): string {
  return `${unit === 'writes' || unit === 'requests' ? value : round(value)} ${unit}`;
}

async function main(args: readonly string[]): Promise<number> {
  const choice = readChoice(args);
  if (choice === undefined) {
    console.log(HELP);
    return 0;
  }
  const { names, json, ...options } = choice;
  const progress = (text: string): void => console.error(`bench: ${text} …`);
  // Inside of a namespace it was built outside.
  if (!isInNamespace()) build();
  const figures: Figure[] = [];
  for (const name of names) figures.push(...((await ALL[name]?.({ ...options, progress })) ?? []));
  const machine = { node: process.version, cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length };
  const good = figures.every((figure) => isGood(figure) !== false);
  if (json) console.log(JSON.stringify({ machine, good, figures }));
  else {
    console.log(toTable(figures));
    console.log(`\nNode ${machine.node}, ${machine.cores} × ${machine.cpu}`);
  }
  return good ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
