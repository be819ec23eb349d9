import { deepEqual } from '../../core/values/deep-equal.ts';
import { matchesLabelSelector } from '../../core/values/labels.ts';
import { cloneTree, type JsonTree, numberAt, setAt, stringMapAt, treeAt, treesAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Json } from '../patch/json.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { restartPolicyErrors, validatePodSpec } from './pod-spec.ts';
import { nonNegativeErrors } from './scalars.ts';

const TEMPLATE_SPEC = 'spec.template.spec';
/** Counts of pods in a status, each of which is part of `replicas`. */
const DEPLOYMENT_PARTS = ['updatedReplicas', 'readyReplicas', 'availableReplicas'];
const REPLICA_SET_PARTS = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];

export function validateDeployment(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  const { maxSurge, maxUnavailable } = treeAt(object.spec, 'strategy', 'rollingUpdate') ?? {};
  const isStuck = isZero(maxSurge) && isZero(maxUnavailable);
  const field = 'spec.strategy.rollingUpdate.maxUnavailable';
  return [
    ...workloadErrors(object, previous, DEPLOYMENT_PARTS),
    ...(isStuck
      ? [fieldError('FieldValueInvalid', field, maxUnavailable as Json, 'may not be 0 when `maxSurge` is 0')]
      : []),
  ];
}

function isZero(amount: unknown): boolean {
  return amount === 0 || amount === '0%';
}

export function validateReplicaSet(object: KubeObject, previous: KubeObject | undefined): readonly FieldError[] {
  return workloadErrors(object, previous, REPLICA_SET_PARTS);
}

function workloadErrors(
  object: KubeObject,
  previous: KubeObject | undefined,
  parts: readonly string[],
): readonly FieldError[] {
  const { spec, status } = object;
  return [
    ...(spec === previous?.spec ? [] : specErrors(object, previous)),
    ...(status === previous?.status ? [] : countErrors(status, parts)),
  ];
}

function specErrors(object: KubeObject, previous: KubeObject | undefined): FieldError[] {
  return [
    ...nonNegative(object.spec, 'replicas'),
    ...nonNegative(object.spec, 'minReadySeconds'),
    ...selectorErrors(object),
    ...immutable(object, previous, 'selector'),
    ...restartPolicyErrors(object.spec, ['Always']),
    ...validatePodSpec(treeAt(object.spec, 'template', 'spec'), TEMPLATE_SPEC),
  ];
}

/** No part of the pods is more than all of them. */
function countErrors(status: JsonTree | undefined, parts: readonly string[]): FieldError[] {
  const count = (name: string): number => numberAt(status, name) ?? 0;
  const tooMany = (name: string, limit: string): FieldError =>
    fieldError('FieldValueInvalid', `status.${name}`, count(name), `cannot be greater than ${limit}`);
  return [
    ...['replicas', ...parts].flatMap((name) => nonNegativeErrors(count(name), `status.${name}`)),
    ...parts.flatMap((name) => (count(name) > count('replicas') ? [tooMany(name, 'status.replicas')] : [])),
    ...(count('availableReplicas') > count('readyReplicas') ? [tooMany('availableReplicas', 'readyReplicas')] : []),
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
  if (object.spec === previous?.spec) return [];
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
  const labels = treeAt(object, 'spec', 'template', 'metadata', 'labels') ?? null;
  const field = 'spec.template.metadata.labels';
  const mismatch = fieldError(
    'FieldValueInvalid',
    field,
    labels as Json,
    '`selector` does not match template `labels`',
  );
  // Without a selector nothing is selected, not even the pods of the template.
  if (selector === undefined) return [fieldError('FieldValueRequired', 'spec.selector', null, ''), mismatch];
  if (Object.keys(selector).length === 0) {
    const detail = 'empty selector is invalid for deployment';
    return [fieldError('FieldValueInvalid', 'spec.selector', selector as Json, detail)];
  }
  return matchesLabelSelector(selector, stringMapAt({ labels }, 'labels')) ? [] : [mismatch];
}

function nonNegative(spec: JsonTree | undefined, field: string): FieldError[] {
  return nonNegativeErrors(numberAt(spec, field), `spec.${field}`);
}

function immutable(object: KubeObject, previous: KubeObject | undefined, field: string): FieldError[] {
  const value = object.spec?.[field];
  if (previous === undefined || deepEqual(value, previous.spec?.[field])) return [];
  return [fieldError('FieldValueInvalid', `spec.${field}`, (value ?? null) as Json, 'field is immutable')];
}
