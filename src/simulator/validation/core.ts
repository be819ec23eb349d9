import { deepEqual } from '../../core/values/deep-equal.ts';
import { stringAt, treeAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';

const DATA_KEY = /^[-._a-zA-Z0-9]+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function validateConfigMap(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  return [...keyErrors(object, 'data'), ...keyErrors(object, 'binaryData'), ...sealedErrors(object, previous)];
}

export function validateSecret(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  const type = stringAt(object, 'type') ?? '';
  const errors = [...keyErrors(object, 'data'), ...sealedErrors(object, previous)];
  for (const [key, value] of Object.entries(treeAt(object, 'data') ?? {})) {
    // The value itself is a secret and stays out of the message.
    if (typeof value !== 'string' || !BASE64.test(value)) {
      errors.push({
        type: 'FieldValueInvalid',
        field: `data[${key}]`,
        message: 'Invalid value: must be base64; plain text goes into stringData',
      });
    }
  }
  if (previous !== undefined && previous['type'] !== type) {
    errors.push(fieldError('FieldValueInvalid', 'type', type, 'field is immutable'));
  }
  return errors;
}

function keyErrors(object: KubeObject, field: string): FieldError[] {
  return Object.keys(treeAt(object, field) ?? {})
    .filter((key) => !DATA_KEY.test(key))
    .map((key) =>
      fieldError(
        'FieldValueInvalid',
        `${field}[${key}]`,
        key,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
      ),
    );
}

/** `immutable: true` cannot be taken back, nor the data changed. */
function sealedErrors(object: KubeObject, previous: KubeObject | undefined): FieldError[] {
  if (previous?.['immutable'] !== true) return [];
  const errors: FieldError[] = [];
  const detail = 'field is immutable when `immutable` is set';
  if (object['immutable'] !== true) errors.push(fieldError('FieldValueForbidden', 'immutable', null, detail));
  for (const field of ['data', 'binaryData']) {
    if (!deepEqual(object[field], previous[field])) errors.push(fieldError('FieldValueForbidden', field, null, detail));
  }
  return errors;
}
