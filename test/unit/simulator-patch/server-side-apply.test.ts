import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conflictMessage } from '../../../src/simulator/patch/apply-conflict.ts';
import { builtinMergeNode } from '../../../src/simulator/patch/builtin-merge.ts';
import { type Json, type JsonObject, ownAt } from '../../../src/simulator/patch/json.ts';
import { mergeNodeOfSchema } from '../../../src/simulator/patch/merge-schema.ts';
import { applyServerSide, type ServerSideApply, trackUpdate } from '../../../src/simulator/patch/server-side-apply.ts';

const EARLY = '2026-01-01T00:00:00Z';
const LATE = '2026-01-01T01:00:00Z';

const deployment = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...metadata },
  spec,
});

const context = { apiVersion: 'apps/v1', schema: builtinMergeNode('Deployment'), nowRfc3339: EARLY };

function apply(live: JsonObject | undefined, applied: JsonObject, options: Partial<ServerSideApply> = {}): JsonObject {
  const result = applyServerSide({ ...context, live, applied, manager: 'me', ...options });
  if (result.outcome === 'conflict') throw new Error(conflictMessage(result.conflicts));
  return result.object;
}

const update = (before: JsonObject | undefined, after: JsonObject, manager = 'them', nowRfc3339 = EARLY): JsonObject =>
  trackUpdate({ ...context, before, after, manager, nowRfc3339 });

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly fieldsV1: JsonObject;
}

/** Who owns what: `me/Apply` → its fieldsV1. */
function owners(object: JsonObject): Record<string, JsonObject> {
  const entries = ownAt(object, 'metadata', 'managedFields') as readonly Entry[] | undefined;
  return Object.fromEntries((entries ?? []).map((entry) => [`${entry.manager}/${entry.operation}`, entry.fieldsV1]));
}

const spec = (object: JsonObject): Json | undefined => ownAt(object, 'spec');
const containers = (...list: JsonObject[]): JsonObject => ({ template: { spec: { containers: list } } });

describe('applyServerSide', () => {
  test('creates an object that its manager owns', () => {
    const created = apply(undefined, deployment({ replicas: 2, ...containers({ name: 'c', image: 'i' }) }));
    expect(ownAt(created, 'metadata', 'managedFields')).toEqual([
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: EARLY,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:template': {
              'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
            },
          },
        },
      },
    ]);
  });

  test('removes what it applied before and no longer does', () => {
    const first = apply(
      undefined,
      deployment(
        { replicas: 2, paused: true, ...containers({ name: 'a' }, { name: 'b' }) },
        { labels: { x: '1', y: '2' } },
      ),
    );
    const second = apply(first, deployment({ replicas: 2, ...containers({ name: 'b' }) }, { labels: { y: '2' } }));
    expect(spec(second)).toEqual({ replicas: 2, ...containers({ name: 'b' }) });
    expect(ownAt(second, 'metadata', 'labels')).toEqual({ y: '2' });
  });

  test('leaves what others own, in the same list item too', () => {
    const first = apply(undefined, deployment(containers({ name: 'a', image: '1' })));
    const theirs = update(first, {
      ...first,
      spec: { replicas: 5, ...containers({ name: 'a', image: '1', tty: true }) },
    });
    const second = apply(theirs, deployment(containers({ name: 'a', image: '2' })));
    expect(spec(second)).toEqual({ replicas: 5, ...containers({ name: 'a', image: '2', tty: true }) });
  });

  test('fields that nobody applied, such as defaults, stay', () => {
    const first = apply(undefined, deployment({ replicas: 1 }));
    const defaulted = { ...first, spec: { replicas: 1, revisionHistoryLimit: 10 } };
    expect(spec(apply(defaulted, deployment({ replicas: 1 })))).toEqual({ replicas: 1, revisionHistoryLimit: 10 });
  });

  test('conflicts with the owner of a field that it would change', () => {
    const live = update(undefined, deployment({ replicas: 3 }));
    expect(() => apply(live, deployment({ replicas: 4 }))).toThrow(
      'Apply failed with 1 conflict: conflict with "them" using apps/v1: .spec.replicas',
    );
    const applied = apply(undefined, deployment({ replicas: 3, paused: true }), { manager: 'first' });
    expect(() => apply(applied, deployment({ replicas: 4, paused: false }))).toThrow(
      'Apply failed with 2 conflicts: conflicts with "first":\n- .spec.paused\n- .spec.replicas',
    );
  });

  test('force takes the field over', () => {
    const live = update(undefined, deployment({ replicas: 3, paused: true }));
    const forced = apply(live, deployment({ replicas: 4 }), { force: true });
    expect(spec(forced)).toEqual({ replicas: 4, paused: true });
    expect(owners(forced)['me/Apply']).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(owners(forced)['them/Update']).not.toHaveProperty('f:spec.f:replicas');
  });

  test('the same value makes both owners; the field goes when the last of them lets go', () => {
    const one = apply(undefined, deployment({ replicas: 3 }), { manager: 'one' });
    const both = apply(one, deployment({ replicas: 3 }), { manager: 'two' });
    expect(Object.keys(owners(both))).toEqual(expect.arrayContaining(['one/Apply', 'two/Apply']));
    const left = apply(both, deployment({ paused: true }), { manager: 'one' });
    expect(spec(left)).toEqual({ replicas: 3, paused: true });
    expect(spec(apply(left, deployment({ minReadySeconds: 1 }), { manager: 'two' }))).toEqual({
      paused: true,
      minReadySeconds: 1,
    });
  });

  test('applying the same again changes nothing, not even the time', () => {
    const config = deployment({ replicas: 1, ...containers({ name: 'a', ports: [{ containerPort: 80 }] }) });
    const first = apply(undefined, config);
    const again = applyServerSide({ ...context, live: first, applied: config, manager: 'me', nowRfc3339: LATE });
    expect(again).toEqual({ outcome: 'applied', object: first, changed: false });
    expect(apply(first, deployment({ replicas: 2 }), { nowRfc3339: LATE })).toMatchObject({
      metadata: { managedFields: [{ time: LATE }] },
    });
  });

  test('ports are told apart by number and protocol, TCP unless said', () => {
    const first = apply(
      undefined,
      deployment(containers({ name: 'a', ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] })),
    );
    expect(JSON.stringify(owners(first))).toContain('k:{\\"containerPort\\":53,\\"protocol\\":\\"TCP\\"}');
    const second = apply(first, deployment(containers({ name: 'a', ports: [{ containerPort: 53, protocol: 'UDP' }] })));
    expect(spec(second)).toEqual(containers({ name: 'a', ports: [{ containerPort: 53, protocol: 'UDP' }] }));
  });

  test('atomic objects and lists are one field', () => {
    const first = apply(undefined, deployment({ selector: { matchLabels: { a: '1', b: '2' } } }));
    expect(owners(first)['me/Apply']).toEqual({ 'f:spec': { 'f:selector': {} } });
    expect(spec(apply(first, deployment({ selector: { matchLabels: { a: '1' } } })))).toEqual({
      selector: { matchLabels: { a: '1' } },
    });
  });

  test('keeps the order of the configuration and slips in what only the live list has', () => {
    const live = update(undefined, deployment(containers({ name: 'x' }, { name: 'b' }, { name: 'y' }, { name: 'a' })));
    const applied = apply(live, deployment(containers({ name: 'a' }, { name: 'n' }, { name: 'b' })), { force: true });
    const names = (ownAt(applied, 'spec', 'template', 'spec', 'containers') as JsonObject[]).map(
      (item) => item['name'],
    );
    expect(names).toEqual(['x', 'y', 'a', 'n', 'b']);
  });

  test('refuses items without identity or twice', () => {
    const topologySpreadConstraints = [{ maxSkew: 1 }];
    expect(() => apply(undefined, deployment({ template: { spec: { topologySpreadConstraints } } }))).toThrow(
      '.spec.template.spec.topologySpreadConstraints: element 0: associative list with keys has an element that omits key field "topologyKey"',
    );
    expect(() => apply(undefined, deployment(containers({ name: 'a' }, { name: 'a' })))).toThrow(
      'duplicate entries for key',
    );
  });

  test('an object that nobody tracked belongs to before-first-apply', () => {
    const live = deployment({ replicas: 3 });
    expect(() => apply(live, deployment({ replicas: 4 }))).toThrow(
      'conflict with "before-first-apply" using apps/v1: .spec.replicas',
    );
  });

  test('server metadata in a configuration is ignored', () => {
    const live = update(undefined, deployment({}, { uid: 'u', creationTimestamp: EARLY }));
    const applied = apply(live, deployment({ replicas: 1 }, { creationTimestamp: null, uid: 'other' }));
    expect(ownAt(applied, 'metadata', 'uid')).toBe('u');
    expect(ownAt(applied, 'metadata', 'creationTimestamp')).toBe(EARLY);
  });

  test('a status apply owns and changes nothing but the status', () => {
    const live = apply(undefined, deployment({ replicas: 1 }));
    const applied = { ...deployment({ replicas: 9 }), status: { replicas: 1 } };
    const result = apply(live, applied, { manager: 'ctl', subresource: 'status' });
    expect(spec(result)).toEqual({ replicas: 1 });
    expect(owners(result)['ctl/Apply']).toEqual({ 'f:status': { 'f:replicas': {} } });
  });

  test('a CRD says how its lists merge', () => {
    const schema = mergeNodeOfSchema({
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            args: {
              type: 'array',
              items: {
                type: 'object',
                properties: { name: { type: 'string' }, kind: { type: 'string', default: 'k' } },
              },
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['name', 'kind'],
            },
            tags: { type: 'array', 'x-kubernetes-list-type': 'set' },
            whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
            free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            steps: { type: 'array' },
          },
        },
      },
    });
    const config = {
      spec: { args: [{ name: 'a' }], tags: ['x'], whole: { a: '1' }, free: { deep: { er: 1 } }, steps: [1] },
    };
    const object = apply(undefined, config, { schema });
    expect(owners(object)['me/Apply']).toEqual({
      'f:spec': {
        'f:args': { 'k:{"kind":"k","name":"a"}': { '.': {}, 'f:name': {} } },
        'f:free': { 'f:deep': { '.': {}, 'f:er': {} } },
        'f:steps': {},
        'f:tags': { 'v:"x"': {} },
        'f:whole': {},
      },
    });
    expect(spec(apply(object, { spec: { tags: ['y'], free: {} } }, { schema }))).toEqual({ tags: ['y'], free: {} });
  });
});

describe('what is empty', () => {
  test('a list goes with its last item', () => {
    const first = apply(undefined, deployment({ replicas: 1, ...containers({ name: 'a' }) }));
    expect(spec(apply(first, deployment({ replicas: 1 })))).toEqual({ replicas: 1 });
  });

  test('a map that an updater made stays when an applier takes the last key away', () => {
    const made = update(undefined, deployment({}, { labels: { x: '1' } }));
    const taken = apply(made, deployment({}, { labels: { x: '2' } }), { force: true });
    expect(ownAt(apply(taken, deployment({})), 'metadata', 'labels')).toEqual({});
  });

  test('an empty list in the configuration is there after the first apply, not the second', () => {
    const first = apply(undefined, deployment(containers({ name: 'a' })));
    expect(spec(apply(first, deployment(containers())))).toEqual(containers());
  });
});

describe('trackUpdate', () => {
  test('moves changed fields to the updater, keeps the rest, forgets deleted ones', () => {
    const applied = apply(undefined, deployment({ replicas: 1, paused: true, minReadySeconds: 5 }));
    const after = { ...applied, spec: { replicas: 2, minReadySeconds: 5 } };
    const updated = update(applied, after, 'editor', LATE);
    expect(owners(updated)).toEqual({
      'me/Apply': { 'f:spec': { 'f:minReadySeconds': {} } },
      'editor/Update': { 'f:spec': { 'f:replicas': {} } },
    });
  });

  test('an update that changes nothing changes no owner and no time', () => {
    const live = update(undefined, deployment({ replicas: 1 }));
    expect(update(live, live, 'them', LATE)).toEqual(live);
  });

  test('a later update of the same manager adds to its entry', () => {
    const live = update(undefined, deployment({ replicas: 1 }));
    const next = update(live, { ...live, spec: { replicas: 1, paused: true } }, 'them', LATE);
    expect(owners(next)['them/Update']).toMatchObject({ 'f:spec': { 'f:replicas': {}, 'f:paused': {} } });
    expect(ownAt(next, 'metadata', 'managedFields')).toMatchObject([{ time: LATE }]);
  });

  test('status writes have their own entry', () => {
    const live = update(undefined, deployment({ replicas: 1 }));
    const after = { ...live, status: { readyReplicas: 1 } };
    const result = trackUpdate({ ...context, before: live, after, manager: 'them', subresource: 'status' });
    expect(ownAt(result, 'metadata', 'managedFields')).toMatchObject([
      { manager: 'them', fieldsV1: { 'f:spec': {} } },
      { manager: 'them', subresource: 'status', fieldsV1: { 'f:status': { '.': {}, 'f:readyReplicas': {} } } },
    ]);
  });

  test('members that a write cannot change belong to nobody', () => {
    const after = { ...deployment({ replicas: 1 }), status: { replicas: 1 } };
    const tracked = trackUpdate({ ...context, before: undefined, after, manager: 'them', ignored: ['status'] });
    expect(owners(tracked)['them/Update']).not.toHaveProperty('f:status');
    const applied = apply(undefined, after, { ignored: ['status'] });
    expect(applied).not.toHaveProperty('status');
    expect(owners(applied)['me/Apply']).not.toHaveProperty('f:status');
  });

  test('appliers come first, then the older entry', () => {
    const first = update(undefined, deployment({ replicas: 1 }), 'zoe', EARLY);
    const second = update(first, { ...first, spec: { replicas: 1, paused: true } }, 'amy', LATE);
    const third = apply(second, deployment({ minReadySeconds: 1 }), { nowRfc3339: LATE });
    expect(Object.keys(owners(third))).toEqual(['me/Apply', 'zoe/Update', 'amy/Update']);
  });

  test('managedFields: [{}] forgets all owners', () => {
    const live = update(undefined, deployment({ replicas: 1 }));
    const reset = update(live, deployment({ replicas: 1 }, { managedFields: [{}] }));
    expect(ownAt(reset, 'metadata')).not.toHaveProperty('managedFields');
  });
});

describe('properties', () => {
  const containersOf = (template: Json | undefined): { readonly name: string }[] =>
    (ownAt(template, 'spec', 'containers') ?? []) as { name: string }[];

  const item = fc.record(
    { name: fc.constantFrom('a', 'b', 'c'), image: fc.constantFrom('1', '2') },
    { requiredKeys: ['name'] },
  );
  const config = fc
    .record(
      {
        replicas: fc.nat(2),
        template: fc.record({ spec: fc.record({ containers: fc.uniqueArray(item, { selector: (one) => one.name }) }) }),
      },
      { requiredKeys: [] },
    )
    .map((any) => deployment(any as JsonObject));
  const manager = fc.constantFrom('one', 'two');

  test('whatever was applied before, an apply holds, and applying it again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(manager, config), { maxLength: 4 }), manager, config, (history, me, last) => {
        const before = JSON.stringify([history, last]);
        let live: JsonObject | undefined;
        for (const [who, what] of history) live = apply(live, what, { manager: who, force: true });
        const once = apply(live, last, { manager: me, force: true });
        const { template, ...scalars } = ownAt(last, 'spec') as JsonObject;
        expect(spec(once)).toMatchObject(scalars);
        for (const one of containersOf(template)) {
          expect(containersOf(ownAt(once, 'spec', 'template'))).toContainEqual(expect.objectContaining(one));
        }
        const twice = applyServerSide({ ...context, live: once, applied: last, manager: me, nowRfc3339: LATE });
        expect(twice).toEqual({ outcome: 'applied', object: once, changed: false });
        expect(JSON.stringify([history, last])).toBe(before);
      }),
    );
  });

  test('every leaf of an object that was only applied has an owner', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(manager, config), { minLength: 1, maxLength: 4 }), (history) => {
        let live: JsonObject = {};
        for (const [who, what] of history)
          live = apply(live['kind'] === undefined ? undefined : live, what, { manager: who, force: true });
        const text = JSON.stringify(owners(live));
        const names = containersOf(ownAt(live, 'spec', 'template')).map(({ name }) => `k:{\\"name\\":\\"${name}\\"}`);
        const replicas = ownAt(live, 'spec', 'replicas') === undefined ? [] : ['f:replicas'];
        for (const element of [...names, ...replicas]) expect(text).toContain(element);
      }),
    );
  });
});
