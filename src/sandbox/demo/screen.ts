import type { VersionCount } from './measurements.ts';
import type { Release } from './release-watch.ts';

/** Everything that the screen shows at one moment. */
export interface Scene {
  readonly elapsedSeconds: number;
  readonly title: string;
  readonly release: Release | undefined;
  /** Weight that nginx goes by, 0 to 100. */
  readonly weight: number;
  /** Of the last few seconds. */
  readonly recent: ReadonlyMap<string, VersionCount>;
  readonly total: { readonly requests: number; readonly lost: number };
  readonly log: readonly string[];
}

const ESCAPE = '\u001B';
const BAR_WIDTH = 24;
const LOG_LINES = 12;
const MIN_TEXT_WIDTH = 20;
const MAX_TEXT_LINES = 3;
const PERCENT = 100;

/** The screen as lines no longer than `columns`. Colours, if any, are put on by `paint`. */
export function renderScreen(scene: Scene, columns: number, paint: Paint = plain): readonly string[] {
  const { release, weight } = scene;
  const lines = [
    paint.bold(`Linnet · ${scene.title}`) + paint.dim(`   ${scene.elapsedSeconds.toFixed(0)} s`),
    '',
    `  step      ${stepOf(release)}`,
    `  weight    ${paint.bold(bar(weight))} ${weight} %`,
    `  phase     ${phaseOf(release, paint)}`,
    ...wrapped('  waits for ', release?.message ?? '', columns),
    '',
    paint.dim('  version  pods ready  share now               answered without failure'),
    ...versionsOf(scene).map((version) => versionLine(version, scene, paint)),
    '',
    `  ${scene.total.requests.toLocaleString('en')} requests, ${scene.total.lost} lost`,
    '',
    ...scene.log.slice(-LOG_LINES).map((line) => paint.dim(`  ${line}`)),
  ];
  return lines.map((line) => cut(line, columns));
}

/** Ways to make a text stand out. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

const same = (text: string): string => text;
const plain: Paint = { bold: same, dim: same, good: same, bad: same };

const style =
  (code: number) =>
  (text: string): string =>
    `${ESCAPE}[${code}m${text}${ESCAPE}[0m`;
export const coloured: Paint = { bold: style(1), dim: style(2), good: style(32), bad: style(31) };

function stepOf(release: Release | undefined): string {
  if (release === undefined) return '';
  const { step, steps } = release;
  return step >= steps.length ? `all ${steps.length} done` : `${step + 1} of ${steps.length}: ${steps[step] ?? ''}`;
}

function phaseOf(release: Release | undefined, paint: Paint): string {
  switch (release?.phase) {
    case 'Healthy':
      return paint.good('Healthy');
    case 'Degraded':
      return paint.bad('Degraded');
    default:
      return release?.phase ?? '';
  }
}

function versionsOf({ release, recent }: Scene): readonly string[] {
  const running = (release?.replicas ?? []).filter(({ wanted, ready }) => wanted + ready > 0);
  return [...new Set([...running.map(({ version }) => version), ...recent.keys()])].toSorted();
}

function versionLine(version: string, { release, recent }: Scene, paint: Paint): string {
  const pods = release?.replicas.find((candidate) => candidate.version === version);
  const all = [...recent.values()].reduce((sum, { requests }) => sum + requests, 0);
  const { requests, failures } = recent.get(version) ?? { requests: 0, failures: 0 };
  const share = all === 0 ? 0 : (requests / all) * PERCENT;
  const success = requests === 0 ? undefined : (1 - failures / requests) * PERCENT;
  const rate = success === undefined ? '–' : `${success.toFixed(1)} %`;
  const role = version === release?.stable ? ' stable' : '';
  return [
    `  ${version.padEnd(8)}`,
    `${pods?.ready ?? 0} of ${pods?.wanted ?? 0}`.padEnd(11),
    `${bar(share)} ${share.toFixed(1).padStart(5)} %`.padEnd(BAR_WIDTH + 12),
    failures > 0 ? paint.bad(rate) : paint.good(rate),
    paint.dim(role),
  ].join(' ');
}

/** A text over as many lines as it needs, up to three, below each other behind its label. */
function wrapped(label: string, text: string, columns: number): readonly string[] {
  const width = Math.max(MIN_TEXT_WIDTH, columns - label.length);
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.slice(0, MAX_TEXT_LINES).map((line, index) => (index === 0 ? label : ' '.repeat(label.length)) + line);
}

function bar(percent: number): string {
  const full = Math.round((percent / PERCENT) * BAR_WIDTH);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}

/** Cuts to `columns` characters that are seen; colour codes take no place. */
function cut(line: string, columns: number): string {
  let room = columns;
  const [first = '', ...rest] = line.split(ESCAPE);
  const take = (text: string): string => {
    const kept = text.slice(0, Math.max(0, room));
    room -= kept.length;
    return kept;
  };
  const afterCode = (piece: string): string => {
    const end = piece.indexOf('m') + 1;
    return `${ESCAPE}${piece.slice(0, end)}${take(piece.slice(end))}`;
  };
  return [take(first), ...rest.map(afterCode)].join('');
}
