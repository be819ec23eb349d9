import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { isKindName, KIND_SCHEMAS } from '../../../src/api/kinds.ts';
import { parseManifest } from '../../../src/api/parse.ts';
import { manifestsBelow } from './manifests.ts';

const FIXTURES = manifestsBelow('test/unit/api/fixtures').map(({ file, object }) => {
  if (typeof object.kind !== 'string' || !isKindName(object.kind)) throw new Error(`${file} is none of our kinds`);
  return { file, object, kind: object.kind };
});

describe('a manifest that is accepted', () => {
  it.each(FIXTURES)('comes back as it was: $file', ({ kind, object }) => {
    const before = structuredClone(object);
    const parsed = parseManifest(kind, object);
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
    expect(parsed.ok && parsed.value).toBe(object);
    expect(object).toEqual(before);
    expect(KIND_SCHEMAS[kind].parse(object)).toStrictEqual(before);
  });

  it('comes back as it was, whatever was changed in it', () => {
    let accepted = 0;
    fc.assert(
      fc.property(damagedManifest(), ({ kind, object }) => {
        const before = structuredClone(object);
        const result = KIND_SCHEMAS[kind].safeParse(object);
        accepted += result.success ? 1 : 0;
        expect(result.success ? result.data : before).toStrictEqual(before);
        expect(object).toStrictEqual(before);
        const parsed = parseManifest(kind, object);
        expect(parsed.ok ? parseManifest(kind, parsed.value) : parsed).toStrictEqual(parsed);
        expect(result.success && parsed.ok ? parsed.value : object).toBe(object);
      }),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(30);
  });
});

describe('the fixtures', () => {
  it('set every field that our own parts of the API have', () => {
    const set = new Set<string>();
    for (const { object } of FIXTURES) collectFieldNames(object, set);
    const known = Object.values(KIND_SCHEMAS).flatMap((schema) => [...fieldNames(schema)]);
    expect([...new Set(known)].filter((name) => !set.has(name))).toEqual([]);
  });
});

/** Names of fields, without those of pod templates and Jobs, which are Kubernetes'. */
function* fieldNames(schema: z.core.$ZodType): Generator<string> {
  const type = schema instanceof z.ZodExactOptional ? schema.unwrap() : schema;
  if (type instanceof z.ZodArray) yield* fieldNames(type.element);
  if (!(type instanceof z.ZodObject)) return;
  for (const [name, child] of Object.entries(type.shape)) {
    if (name === 'metadata' || name === 'template' || name === 'job') continue;
    yield name;
    yield* fieldNames(child);
  }
}

function collectFieldNames(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectFieldNames(item, into);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value)) {
      into.add(name);
      collectFieldNames(child, into);
    }
  }
}

/** A fixture of which some places were removed, replaced or given a field that nobody knows. */
function damagedManifest() {
  const damage = fc.record({
    place: fc.nat(),
    how: fc.constantFrom('remove', 'replace', 'add'),
    value: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('x', 1, 0, '25%', true, {}, [])),
    name: fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__'),
  });
  return fc
    .tuple(fc.constantFrom(...FIXTURES), fc.array(damage, { maxLength: 3 }))
    .map(([{ kind, object }, damages]) => {
      const copy = structuredClone(object);
      for (const { place, how, value: drawn, name } of damages) {
        // A copy: the same object put in twice could become a part of itself.
        const value: unknown = structuredClone(drawn);
        const holders: Record<string, unknown>[] = [];
        collectHolders(copy, holders);
        const holder = holders[place % holders.length]!;
        const keys = Object.keys(holder);
        const key = keys[place % Math.max(1, keys.length)];
        if (how === 'add') holder[name] = value;
        else if (key !== undefined && how === 'remove') delete holder[key];
        else if (key !== undefined) holder[key] = value;
      }
      return { kind, object: copy };
    });
}

function collectHolders(value: unknown, into: Record<string, unknown>[]): void {
  if (Array.isArray(value)) for (const item of value) collectHolders(item, into);
  else if (typeof value === 'object' && value !== null) {
    into.push(value as Record<string, unknown>);
    for (const child of Object.values(value)) collectHolders(child, into);
  }
}
