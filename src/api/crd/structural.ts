import * as z from 'zod';

/**
 * A structural schema as Kubernetes defines it for CRDs: every node is typed, `properties` and `additionalProperties`
 * exclude each other, and nothing is composed of alternatives.
 */
export interface StructuralSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[];
}

type JsonSchema = Readonly<Record<string, unknown>>;

/** What the annotations of a node may say; everything else in a JSON schema is converted or refused. */
const CARRIED_KEYWORDS = [
  'description',
  'default',
  'format',
  'enum',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
] as const;

/** zod writes the range of every integer; `format` says the same in Kubernetes. */
const INTEGER_BOUNDS = ['minimum', 'maximum'] as const;

const SHAPE_KEYWORDS = ['type', 'properties', 'additionalProperties', 'items', 'required'] as const;

const SCALAR_TYPES: ReadonlySet<unknown> = new Set(['string', 'boolean', 'integer', 'number']);

/**
 * The structural schema for a zod schema. Throws, naming the path, for what a CRD cannot express; there is nothing a
 * user could do about it, so this is for the developer who wrote the schema.
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    cycles: 'throw',
    unrepresentable: 'throw',
  });
  return convert(json, '');
}

function convert(node: JsonSchema, path: string): StructuralSchema {
  if (node['x-kubernetes-int-or-string'] === true) return { ...carried(node), 'x-kubernetes-int-or-string': true };
  if (acceptsAnything(node)) return { ...carried(node), 'x-kubernetes-preserve-unknown-fields': true };
  refuseUnknownKeywords(node, path);
  const { type } = node;
  if (type === 'object') return convertObject(node, path);
  if (type === 'array') return { type, ...carried(node), items: convert(asSchema(node['items'], path), `${path}[]`) };
  if (typeof type === 'string' && SCALAR_TYPES.has(type)) return { type, ...carried(node) };
  throw new Error(`${path}: a CRD cannot express ${JSON.stringify(node)}`);
}

/** Values of any type: `z.unknown()`, and unions that say of themselves that they are not to be judged. */
function acceptsAnything(node: JsonSchema): boolean {
  const shape = Object.keys(node).filter((keyword) => keyword !== 'description');
  return shape.length === 0 || (preserves(node) && node['type'] === undefined);
}

function convertObject(node: JsonSchema, path: string): StructuralSchema {
  const properties = asSchema(node['properties'] ?? {}, path);
  const known = Object.entries(properties).map(([name, child]) => {
    const at = `${path}.${name}`;
    return [name, convert(asSchema(child, at), at)] as const;
  });
  const required = asNames(node['required']);
  return {
    type: 'object',
    ...carried(node),
    ...(required.length > 0 ? { required } : {}),
    ...(known.length > 0 ? { properties: Object.fromEntries(known) } : {}),
    ...convertOtherFields(node, path),
  };
}

/** Unknown fields of a struct are left to pruning; those of a map have a schema, or are preserved as they are. */
function convertOtherFields(node: JsonSchema, path: string): StructuralSchema {
  if (preserves(node)) return { 'x-kubernetes-preserve-unknown-fields': true };
  if (node['properties'] !== undefined) return {};
  const values = asSchema(node['additionalProperties'], path);
  if (Object.keys(values).length === 0) return { 'x-kubernetes-preserve-unknown-fields': true };
  return { additionalProperties: convert(values, `${path}{}`) };
}

function preserves(node: JsonSchema): boolean {
  return node['x-kubernetes-preserve-unknown-fields'] === true;
}

function carried(node: JsonSchema): StructuralSchema {
  return Object.fromEntries(
    CARRIED_KEYWORDS.filter((keyword) => node[keyword] !== undefined).map((keyword) => [keyword, node[keyword]]),
  );
}

function refuseUnknownKeywords(node: JsonSchema, path: string): void {
  const understood = new Set<string>([
    ...CARRIED_KEYWORDS,
    ...SHAPE_KEYWORDS,
    ...(node['type'] === 'integer' ? INTEGER_BOUNDS : []),
    'x-kubernetes-preserve-unknown-fields',
  ]);
  const foreign = Object.keys(node).filter((keyword) => !understood.has(keyword));
  if (foreign.length > 0) throw new Error(`${path}: a CRD cannot express ${foreign.join(', ')}`);
}

function asSchema(value: unknown, path: string): JsonSchema {
  if (typeof value !== 'object' || value === null) throw new Error(`${path}: expected a schema`);
  return Object.fromEntries(Object.entries(value));
}

function asNames(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
