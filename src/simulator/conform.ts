import { builtInSchema } from './builtin-schema.ts';
import type { JsonTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import type { JsonObject } from './patch/json.ts';
import { kindSubjectOf, type ResourceType } from './resource-type.ts';
import type { FieldError } from './schema/field-error.ts';
import { applyDefaults, prune, validate } from './schema/structural.ts';
import type { StructuralSchema } from './schema/structural-schema.ts';
import { DecodingError, invalid } from './status-error.ts';
import { validateMetadata } from './validation/metadata.ts';
import type { WriteOptions } from './write-options.ts';

/**
 * Brings an object into the form in which it may be stored: unknown fields out (reported as the client asked for),
 * defaults in. Throws 400 or 422 for what is wrong with it. Returns a new object.
 */
export function conform(
  type: ResourceType,
  object: KubeObject,
  previous: KubeObject | undefined,
  options: WriteOptions,
): KubeObject {
  const shaped = shape(type, object, options);
  type.rules.defaults?.(shaped, previous);
  const errors = [...validateMetadata(type, shaped, previous), ...(type.rules.validate?.(shaped, previous) ?? [])];
  if (errors.length > 0) throw invalid(kindSubjectOf(type, object.metadata.name), causesOf(errors));
  return shaped;
}

function shape(type: ResourceType, object: KubeObject, options: WriteOptions): KubeObject {
  const metadata = decodeStruct(type, object.metadata, builtInSchema('V1ObjectMeta'), 'metadata.');
  const given = { ...object, metadata: metadata.value } as JsonTree;
  const schema = type.schema();
  if (type.builtIn && schema !== undefined) {
    const whole = decodeStruct(type, given, schema, '');
    reportUnknown(type, [...metadata.removed, ...whole.removed], options);
    return asObject(whole.value);
  }
  const pruned = schema === undefined ? undefined : prune(given as JsonObject, schema);
  reportUnknown(type, [...metadata.removed, ...(pruned?.removed.toSorted() ?? [])], options);
  const kept = pruned === undefined || schema === undefined ? given : applyDefaults(pruned.value, schema);
  return asObject(kept);
}

/** A value without the fields that are `removed`, given by their paths. */
interface Decoded {
  readonly value: JsonObject;
  readonly removed: readonly string[];
}

/** What a real server decodes into a Go struct: nulls are absent, unknown fields lost, and wrong types a 400. */
function decodeStruct(type: ResourceType, value: object, schema: StructuralSchema, prefix: string): Decoded {
  const pruned = prune(dropNulls(value) as JsonObject, schema);
  const [mistake] = validate(schema, pruned.value);
  if (mistake !== undefined) {
    throw new DecodingError(type.kind, type.version, `${prefix}${mistake.field}: ${mistake.message}`);
  }
  return { value: pruned.value, removed: pruned.removed.map((field) => `${prefix}${field}`) };
}

/** Pruning and defaulting keep apiVersion, kind and metadata. */
function asObject(tree: JsonTree): KubeObject {
  return tree as unknown as KubeObject;
}

function reportUnknown(type: ResourceType, fields: readonly string[], options: WriteOptions): void {
  if (fields.length === 0 || options.fieldValidation === 'Ignore') return;
  const texts = fields.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (options.fieldValidation === 'Warn') {
    options.warnings.push(...texts);
    return;
  }
  throw new DecodingError(type.kind, type.version, `strict decoding error: ${texts.join(', ')}`);
}

/** An explicit null in a built-in object is an absent field. */
function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept: JsonTree = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== null && member !== undefined) kept[key] = dropNulls(member);
  }
  return kept;
}

function causesOf(errors: readonly FieldError[]): { reason: string; message: string; field: string }[] {
  return errors.map((error) => ({ reason: error.type, message: error.message, field: error.field }));
}
