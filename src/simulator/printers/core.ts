import { numberAt, stringAt, treeAt, treesAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Column } from '../resource-type.ts';
import { AGE_COLUMN, ageText, countColumn, NAME_COLUMN, textAt, textColumn, wide } from './column.ts';

export const PLAIN_COLUMNS: readonly Column[] = [NAME_COLUMN, AGE_COLUMN];

export const NAMESPACE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Status', (object) => textAt(object, '', 'status', 'phase')),
  AGE_COLUMN,
];

export const CONFIG_MAP_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  countColumn('Data', (object) => members(object, 'data') + members(object, 'binaryData')),
  AGE_COLUMN,
];

export const SECRET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Type', (object) => stringAt(object, 'type')),
  countColumn('Data', (object) => members(object, 'data')),
  AGE_COLUMN,
];

export const SERVICE_ACCOUNT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  countColumn('Secrets', (object) => treesAt(object, 'secrets').length),
  AGE_COLUMN,
];

function members(object: KubeObject, field: string): number {
  return Object.keys(treeAt(object, field) ?? {}).length;
}

export const EVENT_COLUMNS: readonly Column[] = [
  { ...textColumn('Last Seen', () => ''), cell: (object, now) => ageText(lastSeen(object), now) },
  textColumn('Type', (object) => stringAt(object, 'type')),
  textColumn('Reason', (object) => stringAt(object, 'reason')),
  textColumn('Object', (object) => {
    const kind = textAt(object, '', 'involvedObject', 'kind').toLowerCase();
    return `${kind}/${textAt(object, '', 'involvedObject', 'name')}`;
  }),
  wide(textColumn('Subobject', (object) => stringAt(object, 'involvedObject', 'fieldPath'))),
  wide(
    textColumn('Source', (object) => stringAt(object, 'source', 'component') ?? stringAt(object, 'reportingComponent')),
  ),
  textColumn('Message', (object) => stringAt(object, 'message')?.trim()),
  wide({ ...textColumn('First Seen', () => ''), cell: (object, now) => ageText(firstSeen(object), now) }),
  wide(countColumn('Count', (object) => numberAt(object, 'series', 'count') ?? numberAt(object, 'count') ?? 1)),
  wide({ ...NAME_COLUMN }),
];

function lastSeen(event: KubeObject): string | undefined {
  return stringAt(event, 'series', 'lastObservedTime') ?? stringAt(event, 'lastTimestamp') ?? firstSeen(event);
}

function firstSeen(event: KubeObject): string | undefined {
  return stringAt(event, 'firstTimestamp') ?? stringAt(event, 'eventTime') ?? event.metadata.creationTimestamp;
}

export const NODE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Status', (object) => {
    const ready = treesAt(object, 'status', 'conditions').find((condition) => condition['type'] === 'Ready');
    return ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady';
  }),
  textColumn('Roles', () => '<none>'),
  AGE_COLUMN,
  textColumn('Version', (object) => stringAt(object, 'status', 'nodeInfo', 'kubeletVersion')),
];
