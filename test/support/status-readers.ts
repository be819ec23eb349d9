import type { KubeObject } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';

/** How programs that are not ours read a Rollout's status: their rules, in our words. */

interface Judged extends KubeObject {
  readonly status?: {
    readonly observedGeneration?: unknown;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/**
 * kstatus for custom resources, as Flux and Helm 4 use it (`fluxcd/cli-utils`, package kstatus/status).
 * @throws Error when `status.observedGeneration` is no integer, as it does
 */
export function kstatus({ metadata, status }: Judged): 'Terminating' | 'InProgress' | 'Failed' | 'Current' {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const observed = status?.observedGeneration;
  if (observed !== undefined) {
    if (!Number.isSafeInteger(observed)) {
      throw new Error(`${JSON.stringify(observed)} is of the type ${typeof observed}, expected int64`);
    }
    if (observed !== metadata.generation) return 'InProgress';
  }
  const conditions = status?.conditions ?? [];
  for (const { type, status: word } of conditions) {
    if (type === 'Reconciling' && word === 'True') return 'InProgress';
    if (type === 'Stalled' && word === 'True') return 'Failed';
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}

/** The health that Argo CD's script for Rollouts finds, for canaries with a `phase` or without a first pass. */
export function argoCdHealth({ metadata, status }: Rollout): 'Healthy' | 'Degraded' | 'Progressing' | 'Suspended' {
  if (status === undefined) return 'Progressing';
  const observed = Number(status.observedGeneration ?? Number.NaN);
  const generation = metadata.generation ?? 0;
  if (observed < generation) return 'Progressing';
  if (status.phase !== undefined) return status.phase === 'Paused' ? 'Suspended' : status.phase;
  if ((status.conditions ?? []).some(({ type }) => type === 'InvalidSpec')) return 'Degraded';
  if (status.currentPodHash === undefined) return 'Progressing';
  throw new Error('a status with a hash and without a phase, which no version since 1.0 writes');
}
