import { GROUP } from './paths.ts';

export function configMap(name: string, data: object = { k: 'v' }, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** A Widget that its schema accepts. */
export function widget(spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'Widget',
    metadata: { name: 'a', ...metadata },
    spec: { size: 3, ...spec },
  };
}

/** Of a kind without schema and subresources. */
export function gadget(more: object = {}, metadata: object = {}): object {
  return { apiVersion: `${GROUP}/v1`, kind: 'Gadget', metadata: { name: 'a', ...metadata }, ...more };
}

export function deployment(containers: readonly object[] = [{ name: 'a', image: 'a:1' }], spec: object = {}): object {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: workload(containers, spec) };
}

export function replicaSet(spec: object = {}): object {
  const containers = [{ name: 'a', image: 'a:1' }];
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'a' }, spec: workload(containers, spec) };
}

function workload(containers: readonly object[], spec: object): object {
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers } };
  return { selector: { matchLabels: { app: 'a' } }, template, ...spec };
}

/** A pod that nobody schedules and that needs nothing from its namespace but the service account. */
export function pod(name: string, spec: object = {}, metadata: object = {}): object {
  const containers = [{ name: 'a', image: 'a:1' }];
  return { metadata: { name, ...metadata }, spec: { automountServiceAccountToken: false, containers, ...spec } };
}

/** Without it no pod is let in; a real cluster makes it by itself, at its own pace. */
export const SERVICE_ACCOUNT = { metadata: { name: 'default' } };

export function ownedBy(owner: { metadata: { name: string; uid: string } }, more: object = {}): object {
  const { name, uid } = owner.metadata;
  return { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, ...more }] };
}
