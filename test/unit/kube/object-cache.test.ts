import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/core-types.ts';
import { ObjectCache } from '../../../src/kube/object-cache.ts';
import { keyOf, keyString, parseKey } from '../../../src/kube/object-key.ts';
import { compareResourceVersions } from '../../../src/kube/resource-version.ts';
import { Store } from '../../../src/kube/store.ts';

const object = (name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject => ({
  metadata: { namespace: 'ns', name, uid, resourceVersion },
});

const told = (changes: readonly { type: string; object: KubeObject }[]) =>
  changes.map(
    ({ type, object: { metadata } }) => `${type} ${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`,
  );

describe('ObjectCache', () => {
  test('a list is compared with what is known', () => {
    const cache = new ObjectCache();
    cache.replace([object('same', '1'), object('changed', '1'), object('gone', '1'), object('reborn', '1')]);
    const changes = cache.replace([
      object('same', '1'),
      object('changed', '2'),
      object('reborn', '3', 'other'),
      object('new', '4'),
    ]);
    expect(told(changes)).toEqual([
      'updated changed uid-changed 2',
      'deleted reborn uid-reborn 1',
      'added reborn other 3',
      'added new uid-new 4',
      'deleted gone uid-gone 1',
    ]);
    expect(changes.filter(({ type }) => type === 'deleted')).toEqual([
      expect.objectContaining({ finalStateUnknown: true }),
      expect.objectContaining({ finalStateUnknown: true }),
    ]);
  });

  test('a list is right even where it is older: etcd was restored', () => {
    const cache = new ObjectCache();
    cache.put(object('a', '100'));
    expect(told(cache.replace([object('a', '5')]))).toEqual(['updated a uid-a 5']);
  });

  test('events from the past change nothing', () => {
    const cache = new ObjectCache();
    cache.put(object('a', '10'));
    expect(cache.put(object('a', '10'))).toEqual([]);
    expect(cache.put(object('a', '9'))).toEqual([]);
    expect(told(cache.put(object('a', '11')))).toEqual(['updated a uid-a 11']);
    expect(told(cache.remove(object('a', '12')))).toEqual(['deleted a uid-a 12']);
    expect(cache.remove(object('a', '12'))).toEqual([]);
    expect(cache.put(object('a', '11'))).toEqual([]);
    expect(cache.put(object('a', '12'))).toEqual([]);
    expect(cache.store.size).toBe(0);
  });

  test('an object that ceased to match the selector may match again', () => {
    const cache = new ObjectCache();
    cache.put(object('a', '1'));
    cache.remove(object('a', '2'));
    expect(told(cache.put(object('a', '3')))).toEqual(['added a uid-a 3']);
  });

  test('the late deletion of a namesake leaves its successor alone', () => {
    const cache = new ObjectCache();
    cache.put(object('a', '5', 'second'));
    expect(cache.remove(object('a', '4', 'first'))).toEqual([]);
    expect(cache.store.get('ns/a')?.metadata.uid).toBe('second');
  });

  test('versions that cannot be compared count as news, except equal ones', () => {
    const cache = new ObjectCache();
    cache.put(object('a', 'x'));
    expect(cache.put(object('a', 'x'))).toEqual([]);
    expect(told(cache.put(object('a', 'w')))).toEqual(['updated a uid-a w']);
  });

  test('replaying any part of a history leaves the cache as it is', () => {
    const history = fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('put', 'remove'), fc.nat(3)), {
        minLength: 1,
        maxLength: 30,
      })
      .map((steps) =>
        steps.map(([name, verb, uid], i) => ({ verb, object: object(name, String(i + 1), `${name}-${uid}`) })),
      );
    fc.assert(
      fc.property(history, fc.array(fc.nat(29), { maxLength: 20 }), (events, picks) => {
        const cache = new ObjectCache();
        const living = new Map<string, string>();
        const replay: typeof events = [];
        for (const event of events) {
          const { uid, name } = event.object.metadata;
          // A history that an API server can have: a name belongs to one uid until that is removed, and uids die once.
          if (event.verb === 'put' ? (living.get(name!) ?? uid) !== uid : living.get(name!) !== uid) continue;
          if (event.verb === 'put' && replay.some((past) => past.verb === 'remove' && past.object.metadata.uid === uid))
            continue;
          if (event.verb === 'put') living.set(name!, uid!);
          else living.delete(name!);
          replay.push(event);
          apply(cache, event);
        }
        const before = new Map(cache.store.list().map((known) => [keyOf(known), known]));
        const puts = replay.filter(({ verb }) => verb === 'put');
        for (const event of picks.flatMap((pick) => puts[pick % Math.max(puts.length, 1)] ?? [])) {
          expect(apply(cache, event)).toEqual([]);
        }
        expect(new Map(cache.store.list().map((known) => [keyOf(known), known]))).toEqual(before);
        expect(before.size).toBe(living.size);
      }),
    );
  });
});

function apply(cache: ObjectCache<KubeObject>, event: { verb: string; object: KubeObject }) {
  return event.verb === 'put' ? cache.put(event.object) : cache.remove(event.object);
}

describe('Store', () => {
  const byLabel = ({ metadata }: KubeObject) => Object.values(metadata.labels ?? {});
  const labelled = (name: string, ...values: string[]): KubeObject => ({
    metadata: { name, labels: Object.fromEntries(values.map((value, i) => [`l${i}`, value])) },
  });
  const names = (objects: KubeObject[]) => objects.map(({ metadata }) => metadata.name);

  test('indexes follow every change', () => {
    const store = new Store();
    store.set('a', labelled('a', 'x', 'y'));
    store.addIndex('label', byLabel);
    store.set('b', labelled('b', 'x'));
    expect(names(store.index('label', 'x'))).toEqual(['a', 'b']);
    store.set('a', labelled('a', 'z'));
    expect(names(store.index('label', 'x'))).toEqual(['b']);
    expect(names(store.index('label', 'z'))).toEqual(['a']);
    store.delete('b');
    store.delete('never there');
    expect(store.index('label', 'x')).toEqual([]);
    expect(store.size).toBe(1);
  });

  test('an index function that throws leaves out its object only', () => {
    const errors: unknown[] = [];
    const store = new Store((error) => errors.push(error));
    store.addIndex('label', ({ metadata }) => [metadata.labels!['l0']!.toUpperCase()]);
    store.set('bad', { metadata: { name: 'bad' } });
    store.set('good', labelled('good', 'x'));
    expect(names(store.index('label', 'X'))).toEqual(['good']);
    expect(store.get('bad')).toBeDefined();
    expect(errors).toHaveLength(1);
    store.delete('bad');
  });

  test('a wrong index name is an error, not an empty answer', () => {
    const store = new Store();
    store.addIndex('label', byLabel);
    expect(() => store.index('lable', 'x')).toThrow('no index "lable"');
    expect(() => store.addIndex('label', byLabel)).toThrow('already an index "label"');
  });
});

test.each([
  ['9', '10', -1],
  ['10', '9', 1],
  ['7', '7', 0],
  ['99999999999999999998', '99999999999999999999', -1],
  ['a', '1', undefined],
  ['01', '1', undefined],
  [undefined, '1', undefined],
])('compareResourceVersions(%s, %s)', (a, b, expected) => {
  const order = compareResourceVersions(a, b);
  expect(order === undefined ? undefined : Math.sign(order)).toBe(expected);
});

test('keys', () => {
  expect(keyString({ namespace: 'ns', name: 'a' })).toBe('ns/a');
  expect(keyString({ name: 'a' })).toBe('a');
  expect(parseKey('ns/a')).toEqual({ namespace: 'ns', name: 'a' });
  expect(parseKey('a')).toEqual({ name: 'a' });
});
