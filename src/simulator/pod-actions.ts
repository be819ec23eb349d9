import { scaled } from '../core/values/int-or-string.ts';
import { type LabelSelectorLike, matchesLabelSelector } from '../core/values/labels.ts';
import { formatTimestamp } from '../core/values/rfc3339.ts';
import { type ApiResponse, jsonResponse } from './api-request.ts';
import { numberAt, stringAt, treesAt, valueAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { deleteObject, deleteRequestOf } from './object-deleter.ts';
import { updateObject } from './object-writer.ts';
import { objectBody } from './request-body.ts';
import { addressOf, type RequestScope } from './request-scope.ts';
import { subjectOf } from './resource-type.ts';
import { findObject, type ServerContext } from './server-context.ts';
import { conflict, methodNotAllowed, notImplemented, StatusError } from './status-error.ts';
import { internalWrite, writeOptionsOf } from './write-options.ts';

const PODS = '/pods';
const BUDGETS = 'policy/poddisruptionbudgets';
const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** POST to `eviction`: deletes the pod unless a PodDisruptionBudget forbids it now. */
export function handleEviction(scope: RequestScope): ApiResponse {
  const { context, request } = scope;
  if (request.method !== 'POST') throw methodNotAllowed();
  const body = objectBody(request);
  const address = addressOf(scope);
  const pod = findObject(context, address);
  const deletion = deleteRequestOf(valueAt(body, 'deleteOptions'), request.query);
  spendBudget(scope, pod, deletion.dryRun);
  deleteObject(context, address, deletion);
  return jsonResponse(201, SUCCESS);
}

/** Takes the disruption off the pod's budget. Throws 429 when there is none left. */
function spendBudget({ context }: RequestScope, pod: KubeObject, dryRun: boolean): void {
  const { namespace, labels, deletionTimestamp } = pod.metadata;
  // A pod that does not serve anyway may always go.
  if (deletionTimestamp !== undefined || !isReady(pod)) return;
  const inNamespace = (object: KubeObject): boolean => object.metadata.namespace === namespace;
  const selects = (budget: KubeObject, candidate: KubeObject): boolean =>
    matchesLabelSelector(budget.spec?.['selector'] as LabelSelectorLike | undefined, candidate.metadata.labels);
  const budgets = context.storage.list(BUDGETS).filter((budget) => inNamespace(budget) && selects(budget, pod));
  const [budget, second] = budgets;
  if (budget === undefined) return;
  if (second !== undefined) {
    const message = `This pod (labels ${JSON.stringify(labels ?? {})}) has more than one PodDisruptionBudget, which the eviction subresource does not support.`;
    throw new StatusError(500, 'InternalError', message);
  }
  const allowed = numberAt(budget, 'status', 'disruptionsAllowed') ?? 0;
  if (numberAt(budget, 'status', 'observedGeneration') !== undefined) {
    const needed = numberAt(budget, 'status', 'desiredHealthy') ?? 0;
    if (allowed === 0) throw overBudget(budget, needed, numberAt(budget, 'status', 'currentHealthy') ?? 0);
    if (!dryRun) setAllowed(context, budget, allowed - 1);
    return;
  }
  // There is no controller that keeps the budget's status: its numbers are counted here.
  const covered = context.storage.list(PODS).filter((other) => inNamespace(other) && selects(budget, other));
  const healthy = covered.filter((other) => other.metadata.deletionTimestamp === undefined && isReady(other)).length;
  const needed = neededHealthy(budget, covered.length);
  if (healthy <= needed) throw overBudget(budget, needed, healthy);
}

function overBudget({ metadata }: KubeObject, needed: number, healthy: number): StatusError {
  const message = `The disruption budget ${metadata.name} needs ${needed} healthy pods and has ${healthy} currently`;
  return new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
  });
}

function setAllowed(context: ServerContext, { metadata }: KubeObject, disruptionsAllowed: number): void {
  const type = context.registry.anyVersion('policy', 'poddisruptionbudgets');
  if (type === undefined) return;
  const apply = (live: KubeObject): KubeObject => ({ ...live, status: { ...live.status, disruptionsAllowed } });
  const address = { type, namespace: metadata.namespace, name: metadata.name };
  updateObject(context, address, { subresource: 'status', apply }, internalWrite('kube-apiserver'));
}

function neededHealthy(budget: KubeObject, total: number): number {
  const unavailable = budget.spec?.['maxUnavailable'];
  if (isAmount(unavailable)) return Math.max(0, total - scaled(unavailable, total, 'up'));
  const available = budget.spec?.['minAvailable'];
  return scaled(isAmount(available) ? available : 1, total, 'up');
}

function isAmount(value: unknown): value is number | string {
  return typeof value === 'number' || typeof value === 'string';
}

function isReady(pod: KubeObject): boolean {
  const ready = treesAt(pod, 'status', 'conditions').find((condition) => condition['type'] === 'Ready');
  return ready?.['status'] === 'True';
}

/** POST to `binding`: gives the pod its node, once. */
export function handleBinding(scope: RequestScope): ApiResponse {
  const { context, request, type } = scope;
  if (request.method !== 'POST') throw methodNotAllowed();
  const node = stringAt(objectBody(request), 'target', 'name') ?? '';
  const address = addressOf(scope);
  const options = writeOptionsOf(request);
  const taken = stringAt(findObject(context, address), 'spec', 'nodeName');
  if (taken !== undefined) {
    const subject = { ...subjectOf(type, address.name), resource: 'pods/binding' };
    throw conflict(subject, `pod ${address.name} is already assigned to node "${taken}"`);
  }
  updateObject(context, address, { apply: (live) => ({ ...live, spec: { ...live.spec, nodeName: node } }) }, options);
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTimestamp(context.clock.now()),
  };
  const apply = (live: KubeObject): KubeObject => {
    const others = treesAt(live, 'status', 'conditions').filter((condition) => condition['type'] !== 'PodScheduled');
    return { ...live, status: { ...live.status, conditions: [...others, scheduled] } };
  };
  updateObject(context, address, { subresource: 'status', apply }, options);
  return jsonResponse(201, SUCCESS);
}

/** GET of `log`: there is none to give. */
export function handleLog(scope: RequestScope): ApiResponse {
  const { name } = findObject(scope.context, addressOf(scope)).metadata;
  throw notImplemented(`the simulator keeps no logs of containers (pod "${name}")`);
}
