import type { Fault } from './cluster-stage.ts';
import { difference, type Outcome, playStory } from './play-story.ts';

/** A fault that changed more than the time. */
export interface Finding {
  readonly fault: Fault;
  readonly text: string;
}

export interface Disturbed {
  /** Writes of the controller in the undisturbed story. */
  readonly writes: number;
  /** Times that it was disturbed. */
  readonly plays: number;
  readonly findings: readonly Finding[];
}

const KINDS: readonly Fault['kind'][] = ['dies', 'answer-lost'];

/**
 * Plays a story with the real controllers once for each write of it and each thing that can go wrong right after it.
 *
 * @param every tries only each so-many-th write.
 */
export async function crashStory(name: string, every = 1): Promise<Disturbed> {
  const calm = await playStory(name);
  const findings: Finding[] = [];
  let plays = 0;
  for (let afterWrite = every; afterWrite <= calm.writes; afterWrite += every) {
    for (const kind of KINDS) {
      plays += 1;
      const text = await tryFault(name, calm, { kind, afterWrite });
      if (text !== undefined) findings.push({ fault: { kind, afterWrite }, text });
    }
  }
  return { writes: calm.writes, plays, findings };
}

/** What the fault changes besides the time; undefined when nothing. */
export async function tryFault(name: string, calm: Outcome, fault: Fault): Promise<string | undefined> {
  return difference(calm, await playStory(name, fault));
}
