import { builtInSchema } from './builtin-schema.ts';
import type { KubeObject } from './kube-object.ts';
import { type JsonObject, ownAt } from './patch/json.ts';
import { kindSubjectOf, type ResourceType } from './resource-type.ts';
import type { FieldError } from './schema/field-error.ts';
import { applyDefaults, decodeStruct, prune } from './schema/structural.ts';
import { invalid, undecodable } from './status-error.ts';
import { metadataWarnings, validateMetadata } from './validation/metadata.ts';
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
  const shaped = shape(type, object, previous, options);
  type.rules.defaults?.(shaped, previous);
  const errors = [...validateMetadata(type, shaped, previous), ...(type.rules.validate?.(shaped, previous) ?? [])];
  if (errors.length > 0) throw invalid(kindSubjectOf(type, object.metadata.name), causesOf(errors));
  options.warnings.push(...metadataWarnings(type, shaped, previous));
  return shaped;
}

function shape(
  type: ResourceType,
  object: KubeObject,
  stored: KubeObject | undefined,
  options: WriteOptions,
): KubeObject {
  const schema = type.schema();
  const previous = asJson(stored);
  if (type.builtIn && schema !== undefined) {
    const whole = decodeStruct(asJson(object), schema, previous);
    refuse(type, whole);
    reportUnknown(type, whole.unknown, options);
    return asObject(whole.value);
  }
  const { metadata: said, ...rest } = asJson(object);
  const before = ownAt(previous, 'metadata');
  const metadata = decodeStruct(said as JsonObject, builtInSchema('V1ObjectMeta'), before, 'metadata');
  refuse(type, metadata);
  const given = { ...rest, metadata: metadata.value };
  if (schema === undefined) {
    reportUnknown(type, metadata.unknown, options);
    return asObject(given);
  }
  // What was stored before the definition may have another form.
  const formed = Number(stored?.metadata.resourceVersion ?? 0) > type.since ? previous : undefined;
  const pruned = prune(given, schema, formed);
  reportUnknown(type, [...metadata.unknown, ...pruned.removed.toSorted()], options);
  return asObject(applyDefaults(pruned.value, schema, formed));
}

function asJson(object: KubeObject): JsonObject;
function asJson(object: KubeObject | undefined): JsonObject | undefined;
function asJson(object: KubeObject | undefined): JsonObject | undefined {
  return object as unknown as JsonObject | undefined;
}

function refuse(type: ResourceType, { mistake }: { readonly mistake: string | undefined }): void {
  if (mistake !== undefined) throw undecodable(type, mistake);
}

/** Pruning and defaulting keep apiVersion, kind and metadata. */
function asObject(tree: JsonObject): KubeObject {
  return tree as unknown as KubeObject;
}

function reportUnknown(type: ResourceType, fields: readonly string[], options: WriteOptions): void {
  if (fields.length + options.duplicates.length === 0 || options.fieldValidation === 'Ignore') return;
  const texts = [...options.duplicates, ...fields.map((field) => `unknown field ${JSON.stringify(field)}`)];
  if (options.fieldValidation === 'Warn') {
    options.warnings.push(...texts);
    return;
  }
  throw undecodable(type, `strict decoding error: ${texts.join(', ')}`);
}

function causesOf(errors: readonly FieldError[]): { reason: string; message: string; field: string }[] {
  return errors.map((error) => ({ reason: error.type, message: error.message, field: error.field }));
}
