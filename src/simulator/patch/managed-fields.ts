import { type FieldSet, fromFieldsV1, isEmpty, place, toFieldsV1, union } from './field-set.ts';
import { isList, isObject, type JsonObject, own, ownAt, withKey, withoutKeys } from './json.ts';

type ManagedOperation = 'Apply' | 'Update';

/** One entry of `metadata.managedFields`. */
export interface FieldManager {
  readonly manager: string;
  readonly operation: ManagedOperation;
  readonly apiVersion: string;
  /** RFC 3339 with whole seconds. */
  readonly time?: string | undefined;
  readonly subresource?: string | undefined;
  readonly fields: FieldSet;
}

/** Fields that nobody owns, because the server sets them. */
export const SERVER_FIELDS: FieldSet = union(
  place('f:apiVersion'),
  place('f:kind'),
  place('f:metadata'),
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => place('f:metadata', `f:${name}`)),
);

/** Entries with the same identity are one manager: an applier keeps its entry across API versions. */
export function identityOf(manager: Omit<FieldManager, 'fields'>): string {
  const version = manager.operation === 'Apply' ? '' : manager.apiVersion;
  return [manager.manager, manager.operation, version, manager.subresource ?? ''].join('\0');
}

export function readManagers(object: JsonObject | undefined): ReadonlyMap<string, FieldManager> {
  const entries = ownAt(object, 'metadata', 'managedFields');
  const managers = (isList(entries) ? entries : []).flatMap((entry) => (isObject(entry) ? readManager(entry) : []));
  return new Map(managers.map((manager) => [identityOf(manager), manager]));
}

/**
 * Entries that this module wrote, with the managers that they tell of: most writes leave most of them as they are. Nobody
 * changes them, since what is stored is frozen.
 */
const written = { managers: new WeakMap<JsonObject, FieldManager>(), entries: new WeakMap<FieldManager, JsonObject>() };

function readManager(entry: JsonObject): readonly FieldManager[] {
  const known = written.managers.get(entry);
  return known === undefined ? parseManager(entry) : [known];
}

function parseManager(entry: JsonObject): readonly FieldManager[] {
  const text = (key: string): string | undefined => {
    const value = own(entry, key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const operation = text('operation');
  if (operation !== 'Apply' && operation !== 'Update') return [];
  return [
    {
      manager: text('manager') ?? '',
      operation,
      apiVersion: text('apiVersion') ?? '',
      time: text('time'),
      subresource: text('subresource'),
      fields: fromFieldsV1(own(entry, 'fieldsV1')),
    },
  ];
}

/** The object with these managers, those that own nothing left out, in the order of the API server. */
export function writeManagers(object: JsonObject, managers: Iterable<FieldManager>): JsonObject {
  const entries = [...managers].filter((manager) => !isEmpty(manager.fields)).sort(byAge);
  const metadata = own(object, 'metadata');
  const rest = withoutKeys(isObject(metadata) ? metadata : {}, 'managedFields');
  if (entries.length === 0) return metadata === undefined ? object : withKey(object, 'metadata', rest);
  return withKey(object, 'metadata', withKey(rest, 'managedFields', entries.map(writeManager)));
}

export function withoutManagers(object: JsonObject): JsonObject {
  return writeManagers(object, []);
}

function writeManager(manager: FieldManager): JsonObject {
  const known = written.entries.get(manager);
  if (known !== undefined) return known;
  const entry = {
    manager: manager.manager,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(manager.fields),
    ...(manager.subresource === undefined ? {} : { subresource: manager.subresource }),
  };
  written.managers.set(entry, manager);
  written.entries.set(manager, entry);
  return entry;
}

/** Appliers first, then by time, then by name. */
function byAge(left: FieldManager, right: FieldManager): number {
  const key = (manager: FieldManager): readonly string[] => [
    manager.operation,
    manager.time ?? '',
    manager.manager,
    manager.apiVersion,
    manager.subresource ?? '',
  ];
  const others = key(right);
  const [a, b] = key(left).flatMap((part, index) => (part === others[index] ? [] : [part, others[index] ?? '']));
  return a === undefined || b === undefined ? 0 : a < b ? -1 : 1;
}
