import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Json, type JsonObject, ownAt } from '../../../src/simulator/patch/json.ts';
import { applyStrategicMerge } from '../../../src/simulator/patch/strategic-merge.ts';

const pod = (spec: JsonObject): JsonObject => ({ spec });
const patched = (spec: JsonObject, patch: JsonObject): Json | undefined =>
  ownAt(applyStrategicMerge('Pod', pod(spec), pod(patch)), 'spec');

describe('applyStrategicMerge', () => {
  test('merges containers by name, and their ports and variables in turn', () => {
    const spec = {
      containers: [
        { name: 'web', image: 'web:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80, name: 'http' }] },
        { name: 'side', image: 'side:1' },
      ],
    };
    const patch = {
      containers: [{ name: 'web', image: 'web:2', env: [{ name: 'A', value: '2' }], ports: [{ containerPort: 80 }] }],
    };
    expect(patched(spec, patch)).toEqual({
      containers: [
        { name: 'web', image: 'web:2', env: [{ name: 'A', value: '2' }], ports: [{ containerPort: 80, name: 'http' }] },
        { name: 'side', image: 'side:1' },
      ],
    });
  });

  test('a new item comes before those that the patch does not name', () => {
    const containers = [{ name: 'a' }, { name: 'b' }];
    expect(patched({ containers }, { containers: [{ name: 'c' }] })).toEqual({
      containers: [{ name: 'c' }, { name: 'a' }, { name: 'b' }],
    });
  });

  test('$patch: delete removes an item, $patch: replace the others', () => {
    const containers = [{ name: 'a', image: '1' }, { name: 'b' }];
    expect(patched({ containers }, { containers: [{ name: 'b', $patch: 'delete' }] })).toEqual({
      containers: [{ name: 'a', image: '1' }],
    });
    expect(patched({ containers }, { containers: [{ name: 'a' }, { $patch: 'replace' }] })).toEqual({
      containers: [{ name: 'a' }],
    });
  });

  test('$patch on an object replaces or empties it', () => {
    const securityContext = { runAsUser: 1, fsGroup: 2 };
    expect(patched({ securityContext }, { securityContext: { $patch: 'replace', fsGroup: 3 } })).toEqual({
      securityContext: { fsGroup: 3 },
    });
    expect(patched({ securityContext }, { securityContext: { $patch: 'delete' } })).toEqual({ securityContext: {} });
  });

  test('$retainKeys drops the members of a union that it does not name', () => {
    const volumes = [{ name: 'v', emptyDir: {} }];
    const patch = { volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }] };
    expect(patched({ volumes }, patch)).toEqual({ volumes: [{ name: 'v', configMap: { name: 'c' } }] });
    const wrong = { volumes: [{ name: 'v', $retainKeys: ['name'], configMap: {} }] };
    expect(() => patched({ volumes }, wrong)).toThrow(expect.objectContaining({ status: 400 }));
  });

  test('$setElementOrder orders what it names and leaves the others where they were', () => {
    const containers = [{ name: 'a' }, { name: 'server' }, { name: 'b' }];
    const patch = {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }],
      containers: [{ name: 'c' }],
    };
    expect(patched({ containers }, patch)).toEqual({
      containers: [{ name: 'server' }, { name: 'b' }, { name: 'c' }, { name: 'a' }],
    });
  });

  test('primitive lists: finalizers merge as a set, $deleteFromPrimitiveList removes', () => {
    const doc = { metadata: { finalizers: ['a', 'b'] } };
    expect(applyStrategicMerge('Pod', doc, { metadata: { finalizers: ['b', 'c'] } })).toEqual({
      metadata: { finalizers: ['a', 'b', 'c'] },
    });
    const deletion = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } };
    expect(applyStrategicMerge('Pod', doc, deletion)).toEqual({ metadata: { finalizers: ['b'] } });
  });

  test.each<[string, string, JsonObject, JsonObject, JsonObject]>([
    [
      'lists without a merge key are replaced',
      'Pod',
      { spec: { tolerations: [{ key: 'a' }] } },
      { spec: { tolerations: [] } },
      { spec: { tolerations: [] } },
    ],
    [
      'Service ports merge by port',
      'Service',
      { spec: { ports: [{ port: 80, nodePort: 1 }] } },
      { spec: { ports: [{ port: 80, targetPort: 8 }] } },
      { spec: { ports: [{ port: 80, nodePort: 1, targetPort: 8 }] } },
    ],
    [
      'conditions merge by type',
      'Deployment',
      { status: { conditions: [{ type: 'A', status: 'True' }] } },
      { status: { conditions: [{ type: 'A', status: 'False' }] } },
      { status: { conditions: [{ type: 'A', status: 'False' }] } },
    ],
    [
      'owners merge by uid',
      'Pod',
      { metadata: { ownerReferences: [{ uid: '1', name: 'x' }] } },
      { metadata: { ownerReferences: [{ $patch: 'delete', uid: '1' }] } },
      { metadata: { ownerReferences: [] } },
    ],
    [
      'a selector of labels merges',
      'Deployment',
      { spec: { selector: { matchLabels: { a: '1' } } } },
      { spec: { selector: { matchLabels: { b: '2' } } } },
      { spec: { selector: { matchLabels: { a: '1', b: '2' } } } },
    ],
    [
      'but not that of a PodDisruptionBudget',
      'PodDisruptionBudget',
      { spec: { selector: { matchLabels: { a: '1' } } } },
      { spec: { selector: { matchLabels: { b: '2' } } } },
      { spec: { selector: { matchLabels: { b: '2' } } } },
    ],
    [
      'null removes',
      'Deployment',
      { spec: { replicas: 1, paused: true } },
      { spec: { paused: null } },
      { spec: { replicas: 1 } },
    ],
    [
      'nulls and directives of a new object vanish',
      'Pod',
      {},
      { spec: { a: null, b: { c: null, $retainKeys: ['c'] }, d: [{ $patch: 'delete', name: 'x' }] } },
      { spec: { b: {}, d: [] } },
    ],
    [
      'an unknown kind merges its metadata',
      'Lease',
      { metadata: { finalizers: ['a'] } },
      { metadata: { finalizers: ['b'] } },
      { metadata: { finalizers: ['b', 'a'] } },
    ],
  ])('%s', (_name, kind, doc, patch, expected) => {
    expect(applyStrategicMerge(kind, doc, patch)).toEqual(expected);
  });

  test('an item without its merge key is an error', () => {
    const containers = [{ name: 'a' }];
    expect(() => patched({ containers }, { containers: [{ image: 'x' }] })).toThrow(
      'map: {"image":"x"} does not contain declared merge key: name',
    );
  });

  const containers = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), image: fc.constantFrom('1', '2') }),
    { selector: (container) => container.name },
  );

  test('never duplicates a merge key, loses no item, is idempotent and leaves its inputs alone', () => {
    fc.assert(
      fc.property(containers, containers, (before, patch) => {
        const input = JSON.stringify([before, patch]);
        const once = applyStrategicMerge('Pod', pod({ containers: before }), pod({ containers: patch }));
        const merged = ownAt(once, 'spec', 'containers') as { name: string; image: string }[];
        const names = merged.map((container) => container.name);
        expect(new Set(names).size).toBe(names.length);
        expect(new Set(names)).toEqual(new Set([...before, ...patch].map((container) => container.name)));
        for (const container of patch) expect(merged).toContainEqual(container);
        expect(applyStrategicMerge('Pod', once, pod({ containers: patch }))).toEqual(once);
        expect(JSON.stringify([before, patch])).toBe(input);
      }),
    );
  });
});
