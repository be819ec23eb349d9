import type { KubeObject } from '../kube-object.ts';
import type { ResourceType } from '../resource-type.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';

const MAX_NAME = 253;
const MAX_LABEL = 63;
/** All annotations of an object together. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const QUALIFIED_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Resources whose names become DNS labels. */
const LABEL_NAMED = new Set(['namespaces', 'services']);

/** The checks on metadata that all kinds share. */
export function validateMetadata(
  type: ResourceType,
  object: KubeObject,
  previous: KubeObject | undefined,
): readonly FieldError[] {
  const { metadata } = object;
  return [
    ...(previous === undefined ? nameErrors(type, metadata.name) : []),
    ...Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => labelErrors(key, value)),
    ...annotationErrors(metadata.annotations ?? {}),
    ...finalizerErrors(object, previous),
  ];
}

function nameErrors(type: ResourceType, name: string): FieldError[] {
  const isLabel = LABEL_NAMED.has(type.plural) && type.group === '';
  const limit = isLabel ? MAX_LABEL : MAX_NAME;
  if (name.length > limit) {
    return [fieldError('FieldValueInvalid', 'metadata.name', name, `must be no more than ${limit} characters`)];
  }
  if (isLabel && !DNS_LABEL.test(name)) return [fieldError('FieldValueInvalid', 'metadata.name', name, LABEL_RULE)];
  if (!SUBDOMAIN.test(name) && type.group !== 'rbac.authorization.k8s.io') {
    return [fieldError('FieldValueInvalid', 'metadata.name', name, SUBDOMAIN_RULE)];
  }
  return [];
}

function labelErrors(key: string, value: unknown): FieldError[] {
  const errors = qualifiedNameErrors(key, 'metadata.labels');
  if (typeof value !== 'string' || !LABEL_VALUE.test(value)) {
    errors.push(fieldError('FieldValueInvalid', 'metadata.labels', String(value), LABEL_VALUE_RULE));
  } else if (value.length > MAX_LABEL) {
    errors.push(fieldError('FieldValueInvalid', 'metadata.labels', value, `must be no more than ${MAX_LABEL} bytes`));
  }
  return errors;
}

function qualifiedNameErrors(key: string, field: string): FieldError[] {
  const slash = key.indexOf('/');
  const [prefix, name] = slash === -1 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  const isValid =
    QUALIFIED_NAME.test(name) && name.length <= MAX_LABEL && (prefix === undefined || SUBDOMAIN.test(prefix));
  return isValid ? [] : [fieldError('FieldValueInvalid', field, key, QUALIFIED_RULE)];
}

function annotationErrors(annotations: Readonly<Record<string, unknown>>): FieldError[] {
  const errors = Object.keys(annotations).flatMap((key) =>
    qualifiedNameErrors(key.toLowerCase(), 'metadata.annotations'),
  );
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) bytes += key.length + String(value).length;
  if (bytes > MAX_ANNOTATIONS_BYTES) {
    const detail = `may not be more than ${MAX_ANNOTATIONS_BYTES} bytes`;
    errors.push(fieldError('FieldValueTooLong', 'metadata.annotations', '', detail));
  }
  return errors;
}

/** Once an object is being deleted its finalizers can only go. */
function finalizerErrors(object: KubeObject, previous: KubeObject | undefined): FieldError[] {
  if (previous?.metadata.deletionTimestamp === undefined) return [];
  const had = new Set(previous.metadata.finalizers);
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !had.has(finalizer));
  if (added.length === 0) return [];
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
  return [fieldError('FieldValueForbidden', 'metadata.finalizers', added, detail)];
}
