import { expect, test } from 'vitest';
import { builtInSchema } from '../../../src/simulator/builtin-schema.ts';
import { builtInTypes } from '../../../src/simulator/builtin-types.ts';
import type { StructuralSchema } from '../../../src/simulator/schema/structural-schema.ts';

/** Paths at which a schema takes anything. */
function untyped(schema: StructuralSchema, path: string): string[] {
  const { items, additionalProperties: values, properties = {} } = schema;
  return [
    ...(schema['x-kubernetes-preserve-unknown-fields'] === true ? [path] : []),
    ...(items === undefined ? [] : untyped(items, `${path}[]`)),
    ...(typeof values === 'object' ? untyped(values, `${path}{}`) : []),
    ...Object.entries(properties).flatMap(([key, member]) => untyped(member, `${path}.${key}`)),
  ];
}

test('every field of every built-in kind has its type, but for the few that take anything by design', () => {
  const loose = builtInTypes().flatMap((type) => untyped(type.schema() ?? {}, type.kind));
  expect(loose.filter((path) => !path.endsWith('.managedFields[].fieldsV1'))).toEqual([
    'CustomResourceDefinition.spec.versions[].schema.openAPIV3Schema',
    'CustomResourceDefinition.spec.versions[].subresources.status',
  ]);
});

test('maps, lists, times, quantities and int-or-string', () => {
  const container = builtInSchema('V1Container').properties ?? {};
  expect(container['args']).toEqual({ type: 'array', items: { type: 'string' } });
  expect(container['resources']?.properties?.['limits']).toEqual({
    type: 'object',
    additionalProperties: { anyOf: [{ type: 'number' }, { type: 'string' }] },
  });
  const meta = builtInSchema('V1ObjectMeta').properties ?? {};
  expect(meta['labels']).toEqual({ type: 'object', additionalProperties: { type: 'string' } });
  expect(meta['deletionTimestamp']).toEqual({ type: 'string' });
  expect(builtInSchema('V1ServicePort').properties?.['targetPort']).toEqual({ 'x-kubernetes-int-or-string': true });
});
