import { describe, expect, test } from 'vitest';
import { type Json, ownAt } from '../../../src/simulator/patch/json.ts';
import { applyJsonPatch } from '../../../src/simulator/patch/json-patch.ts';
import { PatchError } from '../../../src/simulator/patch/patch-error.ts';

const doc = { spec: { replicas: 1, steps: ['a', 'b'], 'x/y~z': 1 }, metadata: { labels: { app: 'web' } } };

function refusal(ops: Json): PatchError {
  try {
    applyJsonPatch(doc, ops);
  } catch (error) {
    if (error instanceof PatchError) return error;
  }
  throw new Error('the patch was not refused');
}

describe('applyJsonPatch', () => {
  test.each<[string, Json, string, Json]>([
    ['add a member', [{ op: 'add', path: '/spec/paused', value: true }], 'spec.paused', true],
    ['add over a member', [{ op: 'add', path: '/spec/replicas', value: 3 }], 'spec.replicas', 3],
    ['insert', [{ op: 'add', path: '/spec/steps/1', value: 'x' }], 'spec.steps', ['a', 'x', 'b']],
    ['append', [{ op: 'add', path: '/spec/steps/-', value: 'x' }], 'spec.steps', ['a', 'b', 'x']],
    ['insert at the end', [{ op: 'add', path: '/spec/steps/2', value: 'x' }], 'spec.steps', ['a', 'b', 'x']],
    ['remove an item', [{ op: 'remove', path: '/spec/steps/0' }], 'spec.steps', ['b']],
    ['remove the last item', [{ op: 'remove', path: '/spec/steps/-1' }], 'spec.steps', ['a']],
    ['replace an item', [{ op: 'replace', path: '/spec/steps/1', value: 'c' }], 'spec.steps', ['a', 'c']],
    ['replace an absent member', [{ op: 'replace', path: '/spec/new', value: 1 }], 'spec.new', 1],
    ['move', [{ op: 'move', from: '/spec/replicas', path: '/spec/count' }], 'spec.count', 1],
    ['copy', [{ op: 'copy', from: '/spec/steps/0', path: '/spec/first' }], 'spec.first', 'a'],
    ['null', [{ op: 'add', path: '/spec/nothing', value: null }], 'spec.nothing', null],
  ])('%s', (_name, ops, path, expected) => {
    expect(ownAt(applyJsonPatch(doc, ops), ...path.split('.'))).toEqual(expected);
  });

  test('escapes ~1 and ~0 in that order', () => {
    expect(applyJsonPatch(doc, [{ op: 'remove', path: '/spec/x~1y~0z' }])['spec']).not.toHaveProperty('x/y~z');
    expect(applyJsonPatch({ '~1': 1 }, [{ op: 'remove', path: '/~01' }])).toEqual({});
  });

  test('move takes the source away', () => {
    const moved = applyJsonPatch(doc, [{ op: 'move', from: '/spec/replicas', path: '/spec/count' }]);
    expect(moved['spec']).not.toHaveProperty('replicas');
  });

  test('a test operation passes on deep equality whatever the order of members, and takes absent for null', () => {
    const ops = [
      { op: 'test', path: '/spec/steps', value: ['a', 'b'] },
      { op: 'test', path: '/metadata', value: { labels: { app: 'web' } } },
      { op: 'test', path: '/spec/absent', value: null },
    ];
    expect(applyJsonPatch(doc, ops)).toEqual(doc);
  });

  test.each<[string, Json, string]>([
    ['a failed test', [{ op: 'test', path: '/spec/replicas', value: 2 }], 'testing value /spec/replicas failed'],
    ['a missing parent', [{ op: 'add', path: '/status/phase', value: 1 }], 'doc is missing path: "/status/phase"'],
    ['removing nothing', [{ op: 'remove', path: '/spec/absent' }], 'Unable to remove nonexistent key: absent'],
    ['an index past the end', [{ op: 'add', path: '/spec/steps/3', value: 1 }], 'Unable to access invalid index: 3'],
    ['replacing past the end', [{ op: 'replace', path: '/spec/steps/2', value: 1 }], 'invalid index: 2'],
    ['copying past the end', [{ op: 'copy', from: '/spec/steps/2', path: '/spec/z' }], 'invalid index: 2'],
    ['no index', [{ op: 'remove', path: '/spec/steps/first' }], "not a proper array index: 'first'"],
    ['an unknown operation', [{ op: 'merge', path: '/spec' }], 'Unexpected kind: merge'],
    ['no path', [{ op: 'add', value: 1 }], 'failed to decode path'],
    ['through a scalar', [{ op: 'add', path: '/spec/replicas/x', value: 1 }], 'doc is missing path'],
    ['the whole document removed', [{ op: 'remove', path: '' }], 'doc is missing path'],
  ])('refuses %s with 422', (_name, ops, detail) => {
    const error = refusal(ops);
    expect(error).toMatchObject({ status: 422, reason: 'Invalid' });
    expect(error.message).toBe('the server rejected our request due to an error in our request');
    expect(error.detail).toContain(detail);
  });

  test('refuses what is no patch with 400', () => {
    expect(refusal({ op: 'add' })).toMatchObject({ status: 400, reason: 'BadRequest' });
    expect(refusal(['add'])).toMatchObject({ status: 400 });
  });

  test('all or nothing, and the input stays as it was', () => {
    const before = structuredClone(doc);
    refusal([
      { op: 'remove', path: '/spec/steps/0' },
      { op: 'test', path: '/spec/replicas', value: 9 },
    ]);
    applyJsonPatch(doc, [{ op: 'add', path: '/spec/steps/-', value: 'c' }]);
    expect(doc).toEqual(before);
  });

  test('a member called __proto__ is a member', () => {
    const patched = applyJsonPatch({ a: {} }, [{ op: 'add', path: '/a/__proto__', value: { polluted: true } }]);
    expect(JSON.stringify(patched)).toBe('{"a":{"__proto__":{"polluted":true}}}');
    expect(refusal([{ op: 'remove', path: '/spec/constructor' }]).status).toBe(422);
  });
});
