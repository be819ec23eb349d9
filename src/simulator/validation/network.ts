import { type JsonTree, numberAt, stringAt, treeAt, treesAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { choiceErrors, portErrors } from './scalars.ts';

const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

export function validateService(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  const { spec } = object;
  const type = stringAt(spec, 'type') ?? '';
  const unsupported = choiceErrors(type, SERVICE_TYPES, 'spec.type');
  if (unsupported.length > 0) return unsupported;
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
  const { targetPort } = port;
  const errors = portErrors(numberAt(port, 'port') ?? 0, `${path}.port`);
  if (typeof targetPort === 'number') errors.push(...portErrors(targetPort, `${path}.targetPort`));
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
  return [fieldError('FieldValueInvalid', 'spec.clusterIPs[0]', [now], 'may not change once set')];
}

export function validateIngress(object: KubeObject): readonly FieldError[] {
  const rules = treesAt(object, 'spec', 'rules');
  const backend = treeAt(object, 'spec', 'defaultBackend');
  if (rules.length === 0 && backend === undefined) {
    const detail = 'either `defaultBackend` or `rules` must be specified';
    return [fieldError('FieldValueInvalid', 'spec', null, detail)];
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
    } else {
      errors.push(...choiceErrors(type, PATH_TYPES, `${at}.pathType`));
      const path = stringAt(entry, 'path') ?? '';
      if ((type === 'Exact' || type === 'Prefix') && !path.startsWith('/')) {
        errors.push(fieldError('FieldValueInvalid', `${at}.path`, path, 'must be an absolute path'));
      }
    }
    return errors;
  });
}

function backendErrors(backend: JsonTree, path: string): FieldError[] {
  if (backend['resource'] !== undefined) return [];
  const service = treeAt(backend, 'service');
  if (service === undefined) {
    return [fieldError('FieldValueInvalid', path, '', 'resource or service backend is required')];
  }
  const errors: FieldError[] = [];
  if ((stringAt(service, 'name') ?? '') === '') {
    errors.push(fieldError('FieldValueRequired', `${path}.service.name`, null, ''));
  }
  const port = treeAt(service, 'port') ?? {};
  if (port['name'] === undefined && port['number'] === undefined) {
    errors.push(fieldError('FieldValueRequired', path, null, 'port name or number is required'));
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
