import { deepEqual } from '../../core/values/deep-equal.ts';
import { matchesLabelSelector } from '../../core/values/labels.ts';
import { cloneTree, type JsonTree, numberAt, setAt, stringMapAt, treeAt, treesAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Json } from '../patch/json.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { restartPolicyErrors, validatePodSpec } from './pod-spec.ts';

const TEMPLATE_SPEC = 'spec.template.spec';

/** Deployment and ReplicaSet. */
export function validateWorkload(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  return [
    ...nonNegative(object.spec, 'replicas'),
    ...nonNegative(object.spec, 'minReadySeconds'),
    ...selectorErrors(object),
    ...immutable(object, previous, 'selector'),
    ...restartPolicyErrors(object.spec, ['Always']),
    ...validatePodSpec(treeAt(object.spec, 'template', 'spec'), TEMPLATE_SPEC),
  ];
}

export function validateJob(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  return [
    ...nonNegative(object.spec, 'parallelism'),
    ...nonNegative(object.spec, 'completions'),
    ...nonNegative(object.spec, 'backoffLimit'),
    ...restartPolicyErrors(object.spec, ['OnFailure', 'Never']),
    ...immutable(object, previous, 'template'),
    ...immutable(object, previous, 'selector'),
    ...validatePodSpec(treeAt(object.spec, 'template', 'spec'), TEMPLATE_SPEC),
  ];
}

export function validatePod(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  const errors = validatePodSpec(object.spec, 'spec');
  if (previous === undefined || deepEqual(fixedPart(object), fixedPart(previous))) return errors;
  const detail =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [...errors, fieldError('FieldValueForbidden', 'spec', null, detail)];
}

/** What of a pod's spec never changes. Its node is set once, by the binding or by whoever plays the scheduler. */
function fixedPart(pod: KubeObject): JsonTree {
  const spec = cloneTree(pod.spec ?? {});
  for (const field of ['activeDeadlineSeconds', 'tolerations', 'nodeName']) setAt(spec, [field], undefined);
  for (const container of [...treesAt(spec, 'containers'), ...treesAt(spec, 'initContainers')])
    delete container['image'];
  return spec;
}

function selectorErrors(object: KubeObject): FieldError[] {
  const selector = treeAt(object, 'spec', 'selector');
  if (selector === undefined) return [fieldError('FieldValueRequired', 'spec.selector', null, '')];
  if (Object.keys(selector).length === 0) {
    const detail = 'empty selector is invalid for deployment';
    return [fieldError('FieldValueInvalid', 'spec.selector', selector as Json, detail)];
  }
  const labels = stringMapAt(object, 'spec', 'template', 'metadata', 'labels');
  if (matchesLabelSelector(selector, labels)) return [];
  const field = 'spec.template.metadata.labels';
  return [fieldError('FieldValueInvalid', field, labels, '`selector` does not match template `labels`')];
}

function nonNegative(spec: JsonTree | undefined, field: string): FieldError[] {
  const value = numberAt(spec, field);
  if (value === undefined || value >= 0) return [];
  return [fieldError('FieldValueInvalid', `spec.${field}`, value, 'must be greater than or equal to 0')];
}

function immutable(object: KubeObject, previous: KubeObject | undefined, field: string): FieldError[] {
  const value = object.spec?.[field];
  if (previous === undefined || deepEqual(value, previous.spec?.[field])) return [];
  return [fieldError('FieldValueInvalid', `spec.${field}`, (value ?? null) as Json, 'field is immutable')];
}
