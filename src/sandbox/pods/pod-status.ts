import type { Condition, ContainerStatus, Pod } from '../../api/core-types.ts';
import type { Timestamp } from '../../api/time.ts';

/** What the kubelet knows about a pod at one moment. */
export interface PodFacts {
  readonly address: string;
  readonly startTime: Timestamp;
  readonly initialized: boolean;
  readonly initContainers: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
  /** Ended with a status other than 0 and not to be started again. */
  readonly failed: boolean;
  /** Nothing will run any more. */
  readonly finished: boolean;
}

export type PodStatus = NonNullable<Pod['status']>;

/**
 * The status of a pod. Conditions that did not change since `before`, the status written last, keep their moment. Those
 * of other writers (for readiness gates) are read from `pod` and not repeated, so that a strategic merge leaves them alone.
 */
export function podStatusOf(pod: Pod, facts: PodFacts, before: PodStatus | undefined, now: Timestamp): PodStatus {
  const containersReady = !facts.finished && facts.containers.every(({ ready }) => ready === true);
  const gates = (pod.spec?.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const closed = gates.filter((type) => !isTrue(pod, type));
  const waiting = facts.finished ? 'PodCompleted' : 'ContainersNotReady';
  const condition = (type: string, holds: boolean, reason: string): Condition => {
    const status = holds ? 'True' : 'False';
    const last = before?.conditions?.find((candidate) => candidate.type === type);
    const lastTransitionTime = (last?.status === status ? last.lastTransitionTime : undefined) ?? now;
    return { type, status, lastTransitionTime, ...(holds ? {} : { reason }) };
  };
  return {
    phase: phaseOf(facts),
    podIP: facts.address,
    hostIP: facts.address,
    startTime: facts.startTime,
    conditions: [
      condition('Initialized', facts.initialized, 'ContainersNotInitialized'),
      condition('ContainersReady', containersReady, waiting),
      condition('Ready', containersReady && closed.length === 0, containersReady ? 'ReadinessGatesNotReady' : waiting),
    ],
    ...(facts.initContainers.length === 0 ? {} : { initContainerStatuses: facts.initContainers }),
    containerStatuses: facts.containers,
  };
}

function phaseOf({ finished, failed, containers }: PodFacts): string {
  if (finished) return failed ? 'Failed' : 'Succeeded';
  const started = containers.some(({ state, restartCount = 0 }) => state?.waiting === undefined || restartCount > 0);
  return started ? 'Running' : 'Pending';
}

function isTrue(pod: Pod, type: string): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
