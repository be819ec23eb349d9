import { type Model, type ModelField, modelOf } from './client-models.ts';
import type { JsonTree } from './json-tree.ts';

const ARRAY = /^Array<(.+)>$/;
const MAP = /^\{ \[key: string\]: (.+); \}$/;
const VERSIONED = /^([A-Za-z]*?)(V\d+(?:(?:alpha|beta)\d+)?)(.+)$/;

/** The component name of a built-in type; what follows the last dot is what `kubectl explain` shows. */
export function modelRef(name: string): string {
  const [, , version = 'V1', rest = name] = VERSIONED.exec(name) ?? [];
  return `io.k8s.${version.toLowerCase()}.${rest}`;
}

/** The OpenAPI components for a built-in type and all that it refers to. */
export function modelComponents(root: string): JsonTree {
  const components: JsonTree = {};
  const pending = [root];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const model = modelOf(name);
    const ref = modelRef(name);
    if (model === undefined || components[ref] !== undefined) continue;
    components[ref] = componentOf(model);
    pending.push(...model.fields.map((field) => baseType(field.type)));
  }
  return components;
}

function componentOf(model: Model): JsonTree {
  const required = model.fields.filter((field) => field.required).map((field) => field.name);
  return {
    type: 'object',
    description: model.description,
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(model.fields.map((field) => [field.name, fieldOf(field)])),
  };
}

function fieldOf(field: ModelField): JsonTree {
  const schema = typeSchema(field.type);
  const { description } = field;
  // A `$ref` allows no neighbours, so a reference with a description is wrapped.
  return schema['$ref'] === undefined ? { description, ...schema } : { description, allOf: [schema] };
}

function typeSchema(type: string): JsonTree {
  const item = ARRAY.exec(type)?.[1];
  if (item !== undefined) return { type: 'array', items: typeSchema(item) };
  const value = MAP.exec(type)?.[1];
  if (value !== undefined) return { type: 'object', additionalProperties: typeSchema(value) };
  switch (type) {
    case 'string':
    case 'boolean':
      return { type };
    case 'Date':
    case 'V1MicroTime':
      return { type: 'string', format: 'date-time' };
    case 'number':
      return { type: 'integer' };
    case 'IntOrString':
      return { 'x-kubernetes-int-or-string': true, oneOf: [{ type: 'integer' }, { type: 'string' }] };
    default:
      return modelOf(type) === undefined ? { type: 'object' } : { $ref: `#/components/schemas/${modelRef(type)}` };
  }
}

function baseType(type: string): string {
  const inner = ARRAY.exec(type)?.[1] ?? MAP.exec(type)?.[1];
  return inner === undefined ? type : baseType(inner);
}
