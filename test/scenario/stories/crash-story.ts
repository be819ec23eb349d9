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
  readonly findings: readonly Finding[];
}

const KINDS: readonly Fault['kind'][] = ['dies', 'answer-lost'];

/** Plays a story with the real controllers once for each write of it and each thing that can go wrong right after it. */
export async function crashStory(name: string): Promise<Disturbed> {
  const calm = await playStory(name);
  const findings: Finding[] = [];
  for (let afterWrite = 1; afterWrite <= calm.writes; afterWrite += 1) {
    for (const kind of KINDS) {
      const text = await tryFault(name, calm, { kind, afterWrite });
      if (text !== undefined) findings.push({ fault: { kind, afterWrite }, text });
    }
  }
  return { writes: calm.writes, findings };
}

/** What the fault changes besides the time; undefined when nothing. */
async function tryFault(name: string, calm: Outcome, fault: Fault): Promise<string | undefined> {
  return difference(calm, await playStory(name, fault));
}
