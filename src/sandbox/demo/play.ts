import { systemClock } from '../../runtime/system-clock.ts';
import type { Load } from '../load/load.ts';
import {
  answeredAfter,
  countByVersion,
  countLost,
  countRequests,
  firstFailureOf,
  type Share,
  shareDuring,
} from './measurements.ts';
import type { Narrator } from './narrator.ts';
import type { Release } from './release-watch.ts';
import type { DemoResult } from './result.ts';
import type { Stage } from './stage.ts';
import { type Chapter, edited, FIRST_VERSION, ROLLOUT_FILE, STORY } from './story.ts';
import type { WeightPhase } from './weight-phases.ts';

/** What a chapter may take on a slow machine before the story counts as broken. */
const CHAPTER_LIMIT_MS = 120_000;
/** How long the first version is watched alone, and the others after their end. */
const LOOK_MS = 2_000;
const SLACK_LIMIT_MS = 5_000;
const POLL_MS = 50;

/** Collected while the story runs. */
interface Findings {
  readonly promoted: string[];
  readonly aborted: string[];
  readonly problems: string[];
  shares: readonly Share[];
  secondsToAbort: number | undefined;
  /** Since when nginx sends nothing to the aborted version any more, and which that is. */
  takenBack: { readonly version: string; readonly at: number } | undefined;
  weightDuringRevert: number;
}

/** Plays the story to its end, or to the first chapter that does not come to its end. */
export async function play(stage: Stage, narrator: Narrator): Promise<DemoResult> {
  const findings: Findings = {
    promoted: [],
    aborted: [],
    problems: [],
    shares: [],
    secondsToAbort: undefined,
    takenBack: undefined,
    weightDuringRevert: 0,
  };
  narrator.chapter(`${FIRST_VERSION} starts`);
  if (!(await stage.watch.until((release) => isStable(release, FIRST_VERSION), CHAPTER_LIMIT_MS))) {
    findings.problems.push(notInTime(stage, `${FIRST_VERSION} to become stable`));
    return resultOf(findings, [], stage);
  }
  const load = stage.startLoad();
  narrator.watch({
    release: () => stage.watch.release,
    weight: () => stage.phases().at(-1)?.weight ?? 0,
    windows: () => load.windows,
  });
  narrator.chapter(`${FIRST_VERSION} is stable and answers every request`);
  await systemClock.sleep(LOOK_MS);
  for (const chapter of STORY) {
    narrator.chapter(chapter.title);
    const problem = await playChapter(chapter, { stage, load, narrator, findings });
    if (problem === undefined) continue;
    findings.problems.push(problem);
    break;
  }
  await load.stop();
  return resultOf(findings, load.windows, stage);
}

interface Scene {
  readonly stage: Stage;
  readonly load: Load;
  readonly narrator: Narrator;
  readonly findings: Findings;
}

/** Gives what went wrong. */
async function playChapter(chapter: Chapter, scene: Scene): Promise<string | undefined> {
  const { repository } = scene.stage;
  switch (chapter.kind) {
    case 'release':
    case 'bad-release': {
      const text = edited(await repository.read(ROLLOUT_FILE), chapter.edits);
      await repository.commit(chapter.version, { [ROLLOUT_FILE]: text });
      return chapter.kind === 'release' ? playRelease(chapter.version, scene) : playBadRelease(chapter.version, scene);
    }
    case 'revert':
      await repository.revertHead();
      return playRevert(chapter.version, scene);
  }
}

async function playRelease(version: string, { stage, load, narrator, findings }: Scene): Promise<string | undefined> {
  const first = stage.phases().length;
  const phasesSince = (): readonly WeightPhase[] => stage.phases().slice(first);
  const measured = (): readonly Share[] =>
    phasesSince()
      .filter(({ weight, to }) => weight > 0 && to !== undefined)
      .flatMap((phase) => shareDuring(load.windows, phase, version) ?? []);
  let told = 0;
  const teller = setInterval(() => {
    const shares = measured();
    for (const { weight, observed, requests } of shares.slice(told)) {
      narrator.tell(
        `weight ${weight} %: ${version} answered ${observed} % of ${requests.toLocaleString('en')} requests`,
      );
    }
    told = shares.length;
  }, LOOK_MS / 4);
  try {
    const done = (release: Release): boolean => isStable(release, version) || release.aborted;
    if (!(await stage.watch.until(done, CHAPTER_LIMIT_MS))) return notInTime(stage, `${version} to be promoted`);
    if (stage.watch.release?.aborted === true) {
      findings.aborted.push(version);
      return `${version} was aborted: ${stage.watch.release.message}`;
    }
    findings.promoted.push(version);
    narrator.tell(`${version} is promoted: it is the stable version now`);
    await systemClock.sleep(LOOK_MS);
  } finally {
    clearInterval(teller);
    findings.shares = measured();
  }
  return undefined;
}

async function playBadRelease(
  version: string,
  { stage, load, narrator, findings }: Scene,
): Promise<string | undefined> {
  const done = (release: Release): boolean => release.aborted || isStable(release, version);
  if (!(await stage.watch.until(done, CHAPTER_LIMIT_MS))) return notInTime(stage, `${version} to be aborted`);
  if (stage.watch.release?.aborted !== true) {
    findings.promoted.push(version);
    return `${version} was promoted although it fails requests`;
  }
  const abortedAt = systemClock.now();
  findings.aborted.push(version);
  narrator.tell(`${version} is aborted: ${stage.watch.release.message}`);
  const isBack = (): boolean => stage.phases().at(-1)?.weight === 0;
  if (!(await holds(isBack, CHAPTER_LIMIT_MS))) return 'nginx still sends requests to the aborted version';
  findings.takenBack = { version, at: stage.phases().at(-1)?.from ?? abortedAt };
  const failedAt = firstFailureOf(load.windows, version);
  if (failedAt !== undefined) findings.secondsToAbort = Math.round((abortedAt - failedAt) / 100) / 10;
  narrator.tell('all requests go to the stable version again');
  await holds(() => stage.slack.length > 0, SLACK_LIMIT_MS);
  await systemClock.sleep(LOOK_MS);
  return undefined;
}

async function playRevert(version: string, { stage, narrator, findings }: Scene): Promise<string | undefined> {
  const first = stage.phases().length;
  const began = systemClock.now();
  if (!(await stage.watch.until((release) => isStable(release, version), CHAPTER_LIMIT_MS))) {
    return notInTime(stage, `${version} to be stable again`);
  }
  const seconds = (systemClock.now() - began) / 1000;
  findings.weightDuringRevert = Math.max(
    0,
    ...stage
      .phases()
      .slice(first)
      .map(({ weight }) => weight),
  );
  narrator.tell(
    `healthy after ${seconds.toFixed(1)} s: ${version} was the stable version all along, so there are no steps`,
  );
  await systemClock.sleep(LOOK_MS);
  return undefined;
}

function isStable({ wanted, current, stable, phase }: Release, version: string): boolean {
  return [wanted, current, stable].every((candidate) => candidate === version) && phase === 'Healthy';
}

function notInTime({ watch }: Stage, what: string): string {
  const { phase = 'there is no Rollout', message = '' } = watch.release ?? {};
  return `waited ${CHAPTER_LIMIT_MS / 1000} s in vain for ${what}; the Rollout says: ${phase}, ${message}`;
}

async function holds(condition: () => boolean, limitMs: number): Promise<boolean> {
  const deadline = systemClock.monotonic() + limitMs;
  while (!condition()) {
    if (systemClock.monotonic() > deadline) return false;
    await systemClock.sleep(POLL_MS);
  }
  return true;
}

function resultOf(findings: Findings, windows: Load['windows'], { slack }: Stage): DemoResult {
  const { takenBack, promoted, aborted, problems, shares, secondsToAbort, weightDuringRevert } = findings;
  return {
    promoted,
    aborted,
    problems,
    shares,
    secondsToAbort,
    weightDuringRevert,
    requests: countRequests(windows),
    failures: Object.fromEntries([...countByVersion(windows)].map(([version, { failures }]) => [version, failures])),
    lost: countLost(windows),
    lostReasons: [...new Set(windows.flatMap(({ lostReason }) => lostReason ?? []))],
    afterAbort: takenBack === undefined ? 0 : answeredAfter(windows, takenBack.at, takenBack.version),
    slack: [...slack],
  };
}
