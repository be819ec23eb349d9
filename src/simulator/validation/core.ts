import { deepEqual } from '../../core/values/deep-equal.ts';
import { numberAt, stringAt, stringMapAt, treeAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import { type FieldError, fieldError, valueOmitted } from '../schema/field-error.ts';
import { undecodable } from '../status-error.ts';
import { configKeyMistakes } from './names.ts';
import { nonNegativeErrors } from './scalars.ts';

/** Of all values together. */
const MAX_DATA_BYTES = 1024 * 1024;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function validateConfigMap(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  return [
    ...keyErrors(object, 'data'),
    ...keyErrors(object, 'binaryData'),
    ...sizeErrors(object, '[]'),
    ...sealedErrors(object, previous),
  ];
}

/** @throws DecodingError for data that is not base64. */
export function validateSecret(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  const type = stringAt(object, 'type') ?? '';
  for (const [key, value] of Object.entries(stringMapAt(object, 'data'))) {
    // The value itself is a secret and stays out of the message.
    const advice = 'must be base64; plain text goes into stringData';
    if (!BASE64.test(value)) throw undecodable({ kind: 'Secret', version: 'v1' }, `data[${key}]: ${advice}`);
  }
  const errors = [...keyErrors(object, 'data'), ...sizeErrors(object, 'data'), ...sealedErrors(object, previous)];
  if (previous !== undefined && previous['type'] !== type) {
    errors.push(fieldError('FieldValueInvalid', 'type', type, 'field is immutable'));
  }
  return errors;
}

function sizeErrors(object: KubeObject, field: string): FieldError[] {
  const values = [object['data'], object['binaryData']].flatMap((map) => Object.values(map ?? {}) as string[]);
  const bytes = values.reduce((sum, value) => sum + value.length, 0);
  if (bytes <= MAX_DATA_BYTES) return [];
  return [valueOmitted('FieldValueTooLong', field, `may not be more than ${MAX_DATA_BYTES} bytes`)];
}

/** An Event is in the namespace of what it is about; what is in none has its Events in `default`. */
export function validateEvent(object: KubeObject): readonly FieldError[] {
  const { namespace = '' } = object.metadata;
  const involved = stringAt(object, 'involvedObject', 'namespace') ?? '';
  if (involved === namespace || (involved === '' && namespace === 'default')) return [];
  return [fieldError('FieldValueInvalid', 'involvedObject.namespace', involved, 'does not match event.namespace')];
}

export function validateLease({ spec }: KubeObject): readonly FieldError[] {
  const seconds = numberAt(spec, 'leaseDurationSeconds') ?? 1;
  const transitions = numberAt(spec, 'leaseTransitions') ?? 0;
  const path = 'spec.leaseDurationSeconds';
  return [
    ...(seconds > 0 ? [] : [fieldError('FieldValueInvalid', path, seconds, 'must be greater than 0')]),
    ...nonNegativeErrors(transitions, 'spec.leaseTransitions'),
  ];
}

function keyErrors(object: KubeObject, field: string): FieldError[] {
  return Object.keys(treeAt(object, field) ?? {}).flatMap((key) =>
    configKeyMistakes(key).map((mistake) => fieldError('FieldValueInvalid', `${field}[${key}]`, key, mistake)),
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
