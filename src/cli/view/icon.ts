import type { Tone } from './style.ts';
import type { Span } from './table.ts';

/** What stands before the name of an object in the tree. */
export const KIND_ICONS = {
  Rollout: '⟳',
  Revision: '#',
  ReplicaSet: '⧉',
  Pod: '□',
  Job: '⊞',
  Experiment: 'Σ',
  AnalysisRun: 'α',
  Metric: 'μ',
} as const;
export type TreeKind = keyof typeof KIND_ICONS;

/** How well something is, whatever its kind calls it. */
export type Health = 'healthy' | 'bad' | 'progressing' | 'paused' | 'warning' | 'unknown' | 'waiting' | 'neutral';

const HEALTH: Readonly<Record<Health, { readonly icon: string; readonly tone: Tone | undefined }>> = {
  healthy: { icon: '✔', tone: 'good' },
  bad: { icon: '✖', tone: 'bad' },
  progressing: { icon: '◌', tone: 'busy' },
  paused: { icon: '॥', tone: 'paused' },
  warning: { icon: '⚠', tone: 'warning' },
  unknown: { icon: '?', tone: 'warning' },
  waiting: { icon: '◷', tone: 'warning' },
  neutral: { icon: '•', tone: undefined },
};

/** An icon and a word, e.g. `✔ Healthy`. */
export function healthSpan(health: Health, word: string): Span {
  const { icon, tone } = HEALTH[health];
  return { text: `${icon} ${word}`, tone };
}

const HEALTH_BY_WORD: Readonly<Record<string, Health>> = {
  Healthy: 'healthy',
  Degraded: 'bad',
  Progressing: 'progressing',
  Paused: 'paused',
  ScaledDown: 'neutral',
  Successful: 'healthy',
  Failed: 'bad',
  Error: 'warning',
  Inconclusive: 'unknown',
  Running: 'progressing',
  Pending: 'waiting',
  Complete: 'healthy',
};

/** Health of a Rollout, ReplicaSet, Experiment, AnalysisRun, metric or Job by its phase. */
export function healthOfPhase(phase: string): Health {
  return HEALTH_BY_WORD[phase] ?? 'unknown';
}

export function toneOf(health: Health): Tone | undefined {
  return HEALTH[health].tone;
}
