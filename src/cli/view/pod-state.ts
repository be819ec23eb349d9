import type { ContainerStatus, Pod } from '../../api/core-types.ts';
import type { Health } from './icon.ts';

/** What a pod is doing, as `kubectl get pods` says it. */
export interface PodState {
  readonly word: string;
  readonly health: Health;
  readonly ready: number;
  readonly containers: number;
  readonly restarts: number;
}

const HEALTH_BY_WORD: Readonly<Record<string, Health>> = {
  Running: 'healthy',
  Completed: 'healthy',
  Succeeded: 'healthy',
  Pending: 'progressing',
  ContainerCreating: 'progressing',
  PodInitializing: 'progressing',
  Terminating: 'progressing',
  Unknown: 'unknown',
  Evicted: 'warning',
};

/** Reduces a pod to one word, as kubectl's printer does: the most telling reason of its containers. */
export function podState(pod: Pod): PodState {
  const statuses = pod.status?.containerStatuses ?? [];
  const word = wordOf(pod);
  return {
    word,
    health: word.startsWith('Init:') ? initHealth(word) : (HEALTH_BY_WORD[word] ?? 'bad'),
    ready: statuses.filter(({ ready }) => ready === true).length,
    containers: pod.spec?.containers?.length ?? statuses.length,
    restarts: statuses.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0),
  };
}

/** `Init:0/2` moves on; `Init:Error` does not. */
function initHealth(word: string): Health {
  return /^Init:\d+\/\d+$/.test(word) ? 'progressing' : 'bad';
}

function wordOf({ metadata, spec, status }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  const total = spec?.initContainers?.length ?? 0;
  return (
    initWord(status?.initContainerStatuses ?? [], total) ??
    (status?.containerStatuses ?? []).map(containerWord).findLast((word) => word !== undefined) ??
    status?.reason ??
    status?.phase ??
    'Pending'
  );
}

function initWord(statuses: readonly ContainerStatus[], total: number): string | undefined {
  const index = statuses.findIndex(({ state }) => state?.terminated?.exitCode !== 0);
  const blocking = statuses[index];
  if (blocking === undefined || isSidecar(blocking)) return undefined;
  const { terminated, waiting } = blocking.state ?? {};
  if (terminated !== undefined) return `Init:${terminated.reason ?? `ExitCode:${terminated.exitCode ?? '?'}`}`;
  const reason = waiting?.reason ?? '';
  return reason === '' || reason === 'PodInitializing' ? `Init:${index}/${total}` : `Init:${reason}`;
}

/** An init container that keeps running is a sidecar: it has started, and holds nobody up. */
function isSidecar({ state, started }: ContainerStatus): boolean {
  return state?.running !== undefined && started === true;
}

function containerWord({ state }: ContainerStatus): string | undefined {
  if (state?.waiting?.reason !== undefined && state.waiting.reason !== '') return state.waiting.reason;
  if (state?.terminated === undefined) return undefined;
  const { reason = '', exitCode, signal } = state.terminated;
  if (reason !== '') return reason;
  return signal === undefined ? `ExitCode:${exitCode ?? '?'}` : `Signal:${signal}`;
}
