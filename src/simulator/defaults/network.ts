import { ensureTree, type JsonTree, numberAt, setDefault, stringAt, treesAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';

/** The first two numbers of cluster IPs; 10.96.0.1 belongs to the API server itself. */
const SERVICE_NETWORK = '10.96';
const FIRST_SERVICE_HOST = 10;
const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;

export function defaultService(object: KubeObject, previous: KubeObject | undefined): void {
  const spec = ensureTree(object, 'spec');
  setDefault(spec, 'type', 'ClusterIP');
  setDefault(spec, 'sessionAffinity', 'None');
  for (const port of treesAt(spec, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    setDefault(port, 'targetPort', port['port']);
  }
  if (spec['type'] !== 'ExternalName') {
    setDefault(spec, 'internalTrafficPolicy', 'Cluster');
    // Whoever makes the endpoints of such a Service may use any address.
    const isAnything = spec['clusterIP'] === 'None' && spec['selector'] === undefined;
    setDefault(spec, 'ipFamilies', isAnything ? ['IPv4', 'IPv6'] : ['IPv4']);
    setDefault(spec, 'ipFamilyPolicy', isAnything ? 'RequireDualStack' : 'SingleStack');
    // An update that does not mention what was allocated keeps it.
    for (const field of ['clusterIP', 'clusterIPs']) {
      if (previous?.spec?.[field] !== undefined) setDefault(spec, field, previous.spec[field]);
    }
  }
  if (isExposed(spec)) setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec['type'] === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
  if (previous === undefined) object.status = { loadBalancer: {} };
}

function isExposed(spec: JsonTree | undefined): boolean {
  return spec?.['type'] === 'NodePort' || spec?.['type'] === 'LoadBalancer';
}

/** Gives a Service its cluster IP and node ports: the lowest that are free, so that a run repeats itself. */
export function allocateService(object: KubeObject, others: readonly KubeObject[]): void {
  const spec = ensureTree(object, 'spec');
  if (spec['type'] === 'ExternalName') return;
  if (stringAt(spec, 'clusterIP') === undefined || spec['clusterIP'] === '') {
    const used = new Set(others.map((other) => stringAt(other, 'spec', 'clusterIP')));
    spec['clusterIP'] = firstFree(FIRST_SERVICE_HOST, 65_535, (host) => !used.has(addressOf(host)), addressOf);
  }
  spec['clusterIPs'] = [spec['clusterIP']];
  if (isExposed(spec)) allocateNodePorts(spec, others);
}

function allocateNodePorts(spec: JsonTree, others: readonly KubeObject[]): void {
  const used = new Set(
    [...others.flatMap((other) => treesAt(other, 'spec', 'ports')), ...treesAt(spec, 'ports')].map((port) =>
      numberAt(port, 'nodePort'),
    ),
  );
  for (const port of treesAt(spec, 'ports')) {
    if (port['nodePort'] !== undefined) continue;
    const free = firstFree(
      FIRST_NODE_PORT,
      LAST_NODE_PORT,
      (candidate) => !used.has(candidate),
      (found) => found,
    );
    port['nodePort'] = free;
    used.add(free);
  }
}

function addressOf(host: number): string {
  return `${SERVICE_NETWORK}.${host >> 8}.${host & 0xff}`;
}

function firstFree<T>(
  from: number,
  to: number,
  isFree: (candidate: number) => boolean,
  result: (found: number) => T,
): T {
  for (let candidate = from; candidate <= to; candidate++) {
    if (isFree(candidate)) return result(candidate);
  }
  throw new Error(`nothing is free between ${from} and ${to}`);
}

export function defaultIngress(object: KubeObject, previous: KubeObject | undefined): void {
  if (previous === undefined) object.status = { loadBalancer: {} };
}

export function defaultEndpointSlice(object: KubeObject): void {
  for (const port of treesAt(object, 'ports')) {
    setDefault(port, 'name', '');
    setDefault(port, 'protocol', 'TCP');
  }
  for (const endpoint of treesAt(object, 'endpoints')) setDefault(endpoint, 'conditions', {});
}

export function defaultPodDisruptionBudget(object: KubeObject): void {
  const status = ensureTree(object, 'status');
  for (const field of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']) {
    setDefault(status, field, 0);
  }
}

export function defaultHorizontalPodAutoscaler(object: KubeObject, previous: KubeObject | undefined): void {
  const spec = ensureTree(object, 'spec');
  setDefault(spec, 'minReplicas', 1);
  const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } };
  setDefault(spec, 'metrics', [{ type: 'Resource', resource: cpu }]);
  if (previous === undefined) object.status = { desiredReplicas: 0, currentMetrics: null };
}
