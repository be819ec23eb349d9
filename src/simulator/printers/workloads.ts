import { formatLabelSelector, type LabelSelectorLike } from '../../core/values/labels.ts';
import { parseTimestamp } from '../../core/values/rfc3339.ts';
import { type JsonTree, numberAt, scalarTextAt, stringAt, treeAt, treesAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Column } from '../resource-type.ts';
import {
  AGE_COLUMN,
  countColumn,
  humanDuration,
  listText,
  NAME_COLUMN,
  numberColumn,
  textAt,
  textColumn,
  wide,
} from './column.ts';

const CONTAINERS = wide(textColumn('Containers', (object) => containerList(object, 'name')));
const IMAGES = wide(textColumn('Images', (object) => containerList(object, 'image')));
const SELECTOR = wide(
  textColumn('Selector', (object) => formatLabelSelector(object.spec?.['selector'] as LabelSelectorLike | undefined)),
);

function containerList(object: KubeObject, field: string): string {
  return treesAt(object, 'spec', 'template', 'spec', 'containers')
    .map((container) => stringAt(container, field) ?? '')
    .join(',');
}

export const DEPLOYMENT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn(
    'Ready',
    (object) => `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`,
  ),
  countColumn('Up-to-date', (object) => numberAt(object, 'status', 'updatedReplicas')),
  countColumn('Available', (object) => numberAt(object, 'status', 'availableReplicas')),
  AGE_COLUMN,
  CONTAINERS,
  IMAGES,
  SELECTOR,
];

export const REPLICA_SET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  numberColumn('Desired', (object) => numberAt(object, 'spec', 'replicas')),
  numberColumn('Current', (object) => numberAt(object, 'status', 'replicas')),
  numberColumn('Ready', (object) => numberAt(object, 'status', 'readyReplicas')),
  AGE_COLUMN,
  CONTAINERS,
  IMAGES,
  SELECTOR,
];

export const JOB_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Status', jobStatus),
  textColumn('Completions', (object) => {
    const wanted = numberAt(object, 'spec', 'completions') ?? numberAt(object, 'spec', 'parallelism') ?? 1;
    return `${numberAt(object, 'status', 'succeeded') ?? 0}/${wanted}`;
  }),
  { ...textColumn('Duration', () => ''), cell: jobDuration },
  AGE_COLUMN,
  CONTAINERS,
  IMAGES,
  SELECTOR,
];

function jobStatus(job: KubeObject): string {
  const isTrue = (type: string): boolean =>
    treesAt(job, 'status', 'conditions').some((entry) => entry['type'] === type && entry['status'] === 'True');
  if (isTrue('Complete')) return 'Complete';
  if (isTrue('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (isTrue('Suspended')) return 'Suspended';
  return isTrue('FailureTarget') ? 'FailureTarget' : 'Running';
}

function jobDuration(job: KubeObject, nowMs: number): string {
  const start = parseTimestamp(stringAt(job, 'status', 'startTime') ?? '');
  const end = parseTimestamp(stringAt(job, 'status', 'completionTime') ?? '');
  return start === undefined ? '' : humanDuration((end ?? nowMs) - start);
}

export const POD_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Ready', (object) => {
    const statuses = treesAt(object, 'status', 'containerStatuses');
    const ready = statuses.filter((status) => status['ready'] === true).length;
    return `${ready}/${treesAt(object, 'spec', 'containers').length}`;
  }),
  textColumn('Status', podStatus),
  textColumn('Restarts', (object) =>
    String(
      treesAt(object, 'status', 'containerStatuses').reduce(
        (sum, status) => sum + (numberAt(status, 'restartCount') ?? 0),
        0,
      ),
    ),
  ),
  AGE_COLUMN,
  wide(textColumn('IP', (object) => textAt(object, '<none>', 'status', 'podIP'))),
  wide(textColumn('Node', (object) => textAt(object, '<none>', 'spec', 'nodeName'))),
  wide(textColumn('Nominated Node', (object) => textAt(object, '<none>', 'status', 'nominatedNodeName'))),
  wide(textColumn('Readiness Gates', readinessGates)),
];

/** The most telling of phase, reason and what the containers wait for or ended with. */
function podStatus(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const reason = stringAt(pod, 'status', 'reason');
  const states = treesAt(pod, 'status', 'containerStatuses').map((status) => treeAt(status, 'state') ?? {});
  const telling = states.map(stateReason).find((text) => text !== undefined);
  return reason ?? telling ?? stringAt(pod, 'status', 'phase') ?? 'Unknown';
}

function stateReason(state: JsonTree): string | undefined {
  const waiting = stringAt(state, 'waiting', 'reason');
  if (waiting !== undefined) return waiting;
  const terminated = treeAt(state, 'terminated');
  if (terminated === undefined) return undefined;
  return stringAt(terminated, 'reason') ?? `ExitCode:${scalarTextAt(terminated, 'exitCode') ?? '0'}`;
}

function readinessGates(pod: KubeObject): string {
  const gates = treesAt(pod, 'spec', 'readinessGates').map((gate) => gate['conditionType']);
  if (gates.length === 0) return listText([]);
  const passed = treesAt(pod, 'status', 'conditions').filter(
    (condition) => gates.includes(condition['type']) && condition['status'] === 'True',
  );
  return `${passed.length}/${gates.length}`;
}
