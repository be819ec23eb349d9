import { CelError } from './cel/cel-error.ts';
import { compileValidation } from './cel/compile-rule.ts';
import { type FieldError, fieldError, ROOT_PATH } from './field-error.ts';
import { compileGoPattern } from './go-pattern.ts';
import { additionalSchema, type StructuralSchema } from './structural-schema.ts';
import { validate } from './validate.ts';

/**
 * What is wrong with the schema of a CustomResourceDefinition: CEL rules and patterns that do not compile (rules beyond
 * the simulator's subset of CEL too), lists without the keys of their type, missing types, defaults that are not valid.
 *
 * @param path where the schema is, such as `spec.versions[0].schema.openAPIV3Schema`.
 */
export function checkSchema(schema: StructuralSchema, path: string): readonly FieldError[] {
  const { type } = schema;
  const isObject = type === undefined || type === 'object';
  const errors = isObject ? [] : [fieldError('FieldValueInvalid', `${path}.type`, type, 'must be object at the root')];
  return [...errors, ...checkNode(schema, path, 'at the root')];
}

function checkNode(schema: StructuralSchema, path: string, role: string): readonly FieldError[] {
  const additional = additionalSchema(schema);
  const properties = Object.entries(schema.properties ?? {});
  const branches = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) =>
    (schema[name] ?? []).flatMap((part, index) => checkContent(part, `${path}.${name}[${index}]`)),
  );
  return [
    ...checkType(schema, path, role),
    ...checkContent(schema, path),
    ...checkDefault(schema, path),
    ...branches,
    ...(schema.items === undefined ? [] : checkNode(schema.items, `${path}.items`, 'for specified array items')),
    ...(additional === undefined
      ? []
      : checkNode(additional, `${path}.additionalProperties`, 'for specified object fields')),
    ...properties.flatMap(([key, property]) =>
      checkNode(property, `${path}.properties[${key}]`, 'for specified object fields'),
    ),
  ];
}

function checkType(schema: StructuralSchema, path: string, role: string): readonly FieldError[] {
  const untyped =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema.type === 'array' && schema.items === undefined) {
    return [fieldError('FieldValueRequired', `${path}.items`, '', 'must be specified')];
  }
  if (schema.type !== undefined || untyped) return [];
  return [fieldError('FieldValueRequired', `${path}.type`, '', `must not be empty ${role}`)];
}

/** The checks that hold inside `allOf`, `anyOf` and `oneOf` as well. */
function checkContent(schema: StructuralSchema, path: string): readonly FieldError[] {
  return [...checkPattern(schema, path), ...checkRules(schema, path), ...checkListType(schema, path)];
}

function checkPattern({ pattern }: StructuralSchema, path: string): readonly FieldError[] {
  if (pattern === undefined) return [];
  try {
    compileGoPattern(pattern);
    return [];
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : String(error);
    const detail = `must be a valid regular expression, but isn't: ${reason}`;
    return [fieldError('FieldValueInvalid', `${path}.pattern`, pattern, detail)];
  }
}

function checkRules(schema: StructuralSchema, path: string): readonly FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap((validation, index) => {
    try {
      compileValidation(validation);
      return [];
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      const field = `${path}.x-kubernetes-validations[${index}]`;
      return [fieldError('FieldValueInvalid', field, validation.rule, `compilation failed: ${error.message}`)];
    }
  });
}

function checkListType(schema: StructuralSchema, path: string): readonly FieldError[] {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const field = `${path}.x-kubernetes-list-map-keys`;
  if (schema['x-kubernetes-list-type'] !== 'map') return [];
  if (keys.length === 0) {
    return [fieldError('FieldValueRequired', field, '', 'must not be empty if x-kubernetes-list-type is map')];
  }
  return keys.flatMap((key, index) => {
    const property = schema.items?.properties?.[key];
    if (property === undefined) {
      const detail = 'entries must all be names of item properties';
      return [fieldError('FieldValueInvalid', `${field}[${index}]`, key, detail)];
    }
    if (property.default !== undefined || schema.items?.required?.includes(key) === true) return [];
    const detail =
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
    return [fieldError('FieldValueRequired', `${path}.items.properties[${key}].default`, '', detail)];
  });
}

function checkDefault(schema: StructuralSchema, path: string): readonly FieldError[] {
  if (schema.default === undefined) return [];
  return validate(schema, schema.default).map((error) => {
    const below = error.field === ROOT_PATH ? '' : `.${error.field}`;
    return { ...error, field: `${path}.default${below}` };
  });
}
