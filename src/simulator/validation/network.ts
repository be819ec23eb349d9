import { type JsonTree, numberAt, stringAt, treeAt, treesAt, valueAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Json } from '../patch/json.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { portErrors } from './pod-spec.ts';

const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

export function validateService(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  const { spec } = object;
  const type = stringAt(spec, 'type') ?? '';
  if (!SERVICE_TYPES.includes(type)) return [unsupported('spec.type', type, SERVICE_TYPES)];
  const ports = treesAt(spec, 'ports');
  const needsPorts = type !== 'ExternalName' && spec?.['clusterIP'] !== 'None';
  const errors = ports.flatMap((port, index) => servicePortErrors(port, `spec.ports[${index}]`, ports.length > 1));
  if (needsPorts && ports.length === 0) errors.push(fieldError('FieldValueRequired', 'spec.ports', null, ''));
  if (type === 'ExternalName' && (stringAt(spec, 'externalName') ?? '') === '') {
    errors.push(fieldError('FieldValueRequired', 'spec.externalName', null, ''));
  }
  return [...errors, ...clusterIpErrors(object, previous)];
}

function servicePortErrors(port: JsonTree, path: string, needsName: boolean): FieldError[] {
  const errors = portErrors(numberAt(port, 'port'), `${path}.port`);
  if (needsName && (stringAt(port, 'name') ?? '') === '') {
    errors.push(fieldError('FieldValueRequired', `${path}.name`, null, ''));
  }
  return errors;
}

function clusterIpErrors(object: KubeObject, previous: KubeObject | undefined): FieldError[] {
  const before = stringAt(previous, 'spec', 'clusterIP');
  const now = stringAt(object, 'spec', 'clusterIP') ?? '';
  const isFixed = before !== undefined && before !== '' && stringAt(object, 'spec', 'type') !== 'ExternalName';
  if (!isFixed || now === before) return [];
  return [fieldError('FieldValueInvalid', 'spec.clusterIPs[0]', now, 'may not change once set')];
}

export function validateIngress(object: KubeObject): readonly FieldError[] {
  const rules = treesAt(object, 'spec', 'rules');
  const backend = treeAt(object, 'spec', 'defaultBackend');
  if (rules.length === 0 && backend === undefined) {
    const detail = 'either `defaultBackend` or `rules` must be specified';
    return [fieldError('FieldValueInvalid', 'spec.rules', [], detail)];
  }
  return [
    ...(backend === undefined ? [] : backendErrors(backend, 'spec.defaultBackend')),
    ...rules.flatMap((rule, index) => ruleErrors(rule, `spec.rules[${index}]`)),
  ];
}

function ruleErrors(rule: JsonTree, path: string): FieldError[] {
  return treesAt(rule, 'http', 'paths').flatMap((entry, index) => {
    const at = `${path}.http.paths[${index}]`;
    const type = stringAt(entry, 'pathType');
    const errors = backendErrors(treeAt(entry, 'backend') ?? {}, `${at}.backend`);
    if (type === undefined) {
      errors.push(fieldError('FieldValueRequired', `${at}.pathType`, null, 'pathType must be specified'));
    } else if (!PATH_TYPES.includes(type)) {
      errors.push(unsupported(`${at}.pathType`, type, PATH_TYPES));
    } else if (type !== 'ImplementationSpecific' && stringAt(entry, 'path')?.startsWith('/') !== true) {
      const path = (entry['path'] ?? '') as Json;
      errors.push(fieldError('FieldValueInvalid', `${at}.path`, path, 'must be an absolute path'));
    }
    return errors;
  });
}

function backendErrors(backend: JsonTree, path: string): FieldError[] {
  if (valueAt(backend, 'resource') !== undefined) return [];
  const errors: FieldError[] = [];
  if ((stringAt(backend, 'service', 'name') ?? '') === '') {
    errors.push(fieldError('FieldValueRequired', `${path}.service.name`, null, ''));
  }
  const port = treeAt(backend, 'service', 'port') ?? {};
  if (port['name'] === undefined && port['number'] === undefined) {
    errors.push(fieldError('FieldValueRequired', `${path}.service.port`, null, 'port name or number is required'));
  }
  return errors;
}

export function validateHorizontalPodAutoscaler(object: KubeObject): readonly FieldError[] {
  const min = numberAt(object, 'spec', 'minReplicas') ?? 1;
  const max = numberAt(object, 'spec', 'maxReplicas') ?? 0;
  const errors: FieldError[] = [];
  if (max < 1) errors.push(fieldError('FieldValueInvalid', 'spec.maxReplicas', max, 'must be greater than 0'));
  else if (max < min) {
    const detail = 'must be greater than or equal to `minReplicas`';
    errors.push(fieldError('FieldValueInvalid', 'spec.maxReplicas', max, detail));
  }
  for (const field of ['kind', 'name']) {
    if ((stringAt(object, 'spec', 'scaleTargetRef', field) ?? '') === '') {
      errors.push(fieldError('FieldValueRequired', `spec.scaleTargetRef.${field}`, null, ''));
    }
  }
  return errors;
}

function unsupported(field: string, value: string, supported: readonly string[]): FieldError {
  const list = supported.map((item) => JSON.stringify(item)).join(', ');
  return fieldError('FieldValueNotSupported', field, value, `supported values: ${list}`);
}
