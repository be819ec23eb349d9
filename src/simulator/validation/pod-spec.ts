import { type JsonTree, numberAt, stringAt, treeAt, treesAt } from '../json-tree.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { dnsLabelMistakes } from './names.ts';
import { choiceErrors, portErrors } from './scalars.ts';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

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
    ...duplicates([
      ...initContainers.map((container, index) => [container, `${path}.initContainers[${index}]`] as const),
      ...containers.map((container, index) => [container, `${path}.containers[${index}]`] as const),
    ]),
  ];
}

function validateContainer(container: JsonTree, path: string, volumes: ReadonlySet<string | undefined>): FieldError[] {
  const errors: FieldError[] = [];
  const name = stringAt(container, 'name') ?? '';
  if (name === '') errors.push(fieldError('FieldValueRequired', `${path}.name`, null, ''));
  else errors.push(...dnsLabelMistakes(name).map((why) => fieldError('FieldValueInvalid', `${path}.name`, name, why)));
  if ((stringAt(container, 'image') ?? '') === '') {
    errors.push(fieldError('FieldValueRequired', `${path}.image`, null, ''));
  }
  errors.push(...choiceErrors(stringAt(container, 'imagePullPolicy') ?? '', PULL_POLICIES, `${path}.imagePullPolicy`));
  treesAt(container, 'ports').forEach((port, index) => {
    const field = `${path}.ports[${index}].containerPort`;
    const number = numberAt(port, 'containerPort') ?? 0;
    errors.push(...(number === 0 ? [fieldError('FieldValueRequired', field, null, '')] : portErrors(number, field)));
  });
  treesAt(container, 'volumeMounts').forEach((mount, index) => {
    const volume = stringAt(mount, 'name') ?? '';
    const field = `${path}.volumeMounts[${index}].name`;
    if (!volumes.has(volume)) errors.push({ type: 'FieldValueInvalid', field, message: `Not found: "${volume}"` });
  });
  return errors;
}

function duplicates(containers: readonly (readonly [container: JsonTree, path: string])[]): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap(([container, path]) => {
    const name = stringAt(container, 'name') ?? '';
    if (name === '' || !seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [fieldError('FieldValueDuplicate', `${path}.name`, name, '')];
  });
}

/** The restart policy of `spec.template`. */
export function restartPolicyErrors(spec: JsonTree | undefined, supported: readonly string[]): FieldError[] {
  const policy = stringAt(treeAt(spec, 'template', 'spec'), 'restartPolicy');
  return policy === undefined ? [] : choiceErrors(policy, supported, 'spec.template.spec.restartPolicy');
}
