import { type JsonTree, numberAt, stringAt, treeAt, treesAt } from '../json-tree.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const MAX_PORT = 65_535;

/** What users get wrong most in a pod's spec. */
export function validatePodSpec(spec: JsonTree | undefined, path: string): FieldError[] {
  const containers = treesAt(spec, 'containers');
  if (containers.length === 0) return [fieldError('FieldValueRequired', `${path}.containers`, null, '')];
  const volumes = new Set(treesAt(spec, 'volumes').map((volume) => stringAt(volume, 'name')));
  const initContainers = treesAt(spec, 'initContainers');
  return [
    ...containers.flatMap((container, index) => validateContainer(container, `${path}.containers[${index}]`, volumes)),
    ...initContainers.flatMap((container, index) =>
      validateContainer(container, `${path}.initContainers[${index}]`, volumes),
    ),
    ...duplicates([...initContainers, ...containers], `${path}.containers`),
  ];
}

function validateContainer(container: JsonTree, path: string, volumes: ReadonlySet<string | undefined>): FieldError[] {
  const errors: FieldError[] = [];
  const name = stringAt(container, 'name') ?? '';
  if (name === '') errors.push(fieldError('FieldValueRequired', `${path}.name`, null, ''));
  else if (!DNS_LABEL.test(name)) {
    errors.push(fieldError('FieldValueInvalid', `${path}.name`, name, 'must be a lowercase RFC 1123 label'));
  }
  if ((stringAt(container, 'image') ?? '') === '') {
    errors.push(fieldError('FieldValueRequired', `${path}.image`, null, ''));
  }
  treesAt(container, 'ports').forEach((port, index) => {
    errors.push(...portErrors(numberAt(port, 'containerPort'), `${path}.ports[${index}].containerPort`));
  });
  treesAt(container, 'volumeMounts').forEach((mount, index) => {
    const volume = stringAt(mount, 'name') ?? '';
    const field = `${path}.volumeMounts[${index}].name`;
    if (!volumes.has(volume)) errors.push({ type: 'FieldValueInvalid', field, message: `Not found: "${volume}"` });
  });
  return errors;
}

/** A port that must be there and be a port. */
export function portErrors(port: number | undefined, field: string): FieldError[] {
  if (port === undefined) return [fieldError('FieldValueRequired', field, null, '')];
  if (port >= 1 && port <= MAX_PORT) return [];
  return [fieldError('FieldValueInvalid', field, port, `must be between 1 and ${MAX_PORT}, inclusive`)];
}

function duplicates(containers: readonly JsonTree[], path: string): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap((container, index) => {
    const name = stringAt(container, 'name') ?? '';
    if (name === '' || !seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [fieldError('FieldValueDuplicate', `${path}[${index}].name`, name, '')];
  });
}

/** The restart policy of `spec.template`. */
export function restartPolicyErrors(spec: JsonTree | undefined, supported: readonly string[]): FieldError[] {
  const policy = stringAt(treeAt(spec, 'template', 'spec'), 'restartPolicy');
  if (policy === undefined || supported.includes(policy)) return [];
  const detail = `supported values: ${supported.map((value) => JSON.stringify(value)).join(', ')}`;
  return [fieldError('FieldValueNotSupported', 'spec.template.spec.restartPolicy', policy, detail)];
}
