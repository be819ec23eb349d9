import { type ModelField, modelOf } from './client-models.ts';
import type { StructuralSchema } from './schema/structural-schema.ts';

const ARRAY = /^Array<(.+)>$/;
const MAP = /^\{ \[key: string\]: (.+); \}$/;
const ANYTHING: StructuralSchema = { 'x-kubernetes-preserve-unknown-fields': true };
const INT_OR_STRING: StructuralSchema = { 'x-kubernetes-int-or-string': true };
const QUANTITY: StructuralSchema = { anyOf: [{ type: 'number' }, { type: 'string' }] };

const MICRO_TIME: StructuralSchema = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}(Z|[+-]\\d{2}:\\d{2})$',
};

/** Fields of type Quantity, which may be written as a number too. The declarations only say `string`. */
const QUANTITY_FIELDS = new Set(['sizeLimit', 'divisor', 'averageValue']);
const QUANTITY_MAPS = new Set([
  'limits',
  'requests',
  'capacity',
  'allocatable',
  'allocatedResources',
  'hard',
  'overhead',
]);

const cache = new Map<string, StructuralSchema>();

/**
 * The schema by which a built-in kind's fields are known and typed. Nothing in it is required: the API server's own
 * checks (`validation/`) say what must be there.
 */
export function builtInSchema(model: string): StructuralSchema {
  const known = cache.get(model);
  if (known !== undefined) return known;
  const schema = schemaOf(model);
  cache.set(model, schema);
  return schema;
}

function schemaOf(type: string): StructuralSchema {
  const item = ARRAY.exec(type)?.[1];
  if (item !== undefined) return { type: 'array', items: schemaOf(item) };
  const value = MAP.exec(type)?.[1];
  if (value !== undefined) return { type: 'object', additionalProperties: schemaOf(value) };
  switch (type) {
    case 'string':
    case 'Date':
      return { type: 'string' };
    case 'V1MicroTime':
      return MICRO_TIME;
    case 'number':
      return { type: 'integer' };
    case 'boolean':
      return { type: 'boolean' };
    case 'IntOrString':
      return INT_OR_STRING;
    // The schema of schemas contains itself.
    case 'V1JSONSchemaProps':
      return ANYTHING;
    default:
      return modelSchema(type);
  }
}

function modelSchema(name: string): StructuralSchema {
  const model = modelOf(name);
  if (model === undefined) return ANYTHING;
  return {
    type: 'object',
    properties: Object.fromEntries(model.fields.map((field) => [field.name, fieldSchema(field)])),
  };
}

function fieldSchema({ name, type }: ModelField): StructuralSchema {
  if (QUANTITY_FIELDS.has(name) && type === 'string') return QUANTITY;
  if (QUANTITY_MAPS.has(name) && MAP.test(type)) return { type: 'object', additionalProperties: QUANTITY };
  return schemaOf(type);
}
