import { canonicalQuantity } from '../../core/values/quantity.ts';
import { ensureTree, isTree, type JsonTree, setDefault, stringAt, treeAt, treesAt } from '../json-tree.ts';

/** Mode 0644 of files from ConfigMaps, Secrets and projections. */
const DEFAULT_MODE = 420;
const DEFAULT_GRACE_SECONDS = 30;

/** The API server's defaults for a pod's spec, wherever it occurs. */
export function defaultPodSpec(spec: JsonTree): void {
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'terminationGracePeriodSeconds', DEFAULT_GRACE_SECONDS);
  setDefault(spec, 'schedulerName', 'default-scheduler');
  setDefault(spec, 'securityContext', {});
  const serviceAccount = stringAt(spec, 'serviceAccountName') ?? stringAt(spec, 'serviceAccount');
  if (serviceAccount !== undefined) {
    setDefault(spec, 'serviceAccountName', serviceAccount);
    setDefault(spec, 'serviceAccount', serviceAccount);
  }
  for (const volume of treesAt(spec, 'volumes')) defaultVolume(volume);
  for (const container of [...treesAt(spec, 'initContainers'), ...treesAt(spec, 'containers')]) {
    defaultContainer(container);
  }
}

/** Defaults of `spec.template` of a workload. */
export function defaultTemplate(spec: JsonTree): void {
  const template = ensureTree(spec, 'template');
  setDefault(template, 'metadata', {});
  const podSpec = treeAt(template, 'spec');
  if (podSpec !== undefined) defaultPodSpec(podSpec);
}

function defaultContainer(container: JsonTree): void {
  setDefault(container, 'terminationMessagePath', '/dev/termination-log');
  setDefault(container, 'terminationMessagePolicy', 'File');
  setDefault(container, 'imagePullPolicy', pullPolicyOf(stringAt(container, 'image') ?? ''));
  setDefault(container, 'resources', {});
  for (const port of treesAt(container, 'ports')) setDefault(port, 'protocol', 'TCP');
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) defaultProbe(treeAt(container, probe));
  for (const hook of ['postStart', 'preStop']) defaultHttpGet(treeAt(container, 'lifecycle', hook, 'httpGet'));
  for (const variable of treesAt(container, 'env')) defaultFieldRef(treeAt(variable, 'valueFrom', 'fieldRef'));
  for (const list of ['limits', 'requests']) defaultQuantities(treeAt(container, 'resources', list));
}

/** `latest`, said or implied by neither tag nor digest, may change at any time and is always pulled. */
function pullPolicyOf(image: string): string {
  const [name = '', digest] = image.split('@');
  const tag = /:([^/:]+)$/.exec(name)?.[1] ?? (digest === undefined ? 'latest' : '');
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultFieldRef(fieldRef: JsonTree | undefined): void {
  if (fieldRef !== undefined) setDefault(fieldRef, 'apiVersion', 'v1');
}

function defaultProbe(probe: JsonTree | undefined): void {
  if (probe === undefined) return;
  setDefault(probe, 'timeoutSeconds', 1);
  setDefault(probe, 'periodSeconds', 10);
  setDefault(probe, 'successThreshold', 1);
  setDefault(probe, 'failureThreshold', 3);
  defaultHttpGet(treeAt(probe, 'httpGet'));
  const grpc = treeAt(probe, 'grpc');
  if (grpc !== undefined) setDefault(grpc, 'service', '');
}

function defaultHttpGet(httpGet: JsonTree | undefined): void {
  if (httpGet === undefined) return;
  setDefault(httpGet, 'path', '/');
  setDefault(httpGet, 'scheme', 'HTTP');
}

/** A quantity is stored in its canonical form: `1000m` as `1`, a number as text. */
function defaultQuantities(quantities: JsonTree | undefined): void {
  if (quantities === undefined) return;
  for (const [name, value] of Object.entries(quantities)) {
    const text = canonical(value);
    if (text !== value) quantities[name] = text;
  }
}

/** What is no quantity stays as it is, for validation to see. */
function canonical(value: unknown): string {
  const text = String(value);
  try {
    return canonicalQuantity(text);
  } catch {
    return text;
  }
}

function defaultVolume(volume: JsonTree): void {
  if (Object.keys(volume).length === 1) volume['emptyDir'] = {};
  for (const source of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    const tree = volume[source];
    if (isTree(tree)) setDefault(tree, 'defaultMode', DEFAULT_MODE);
  }
  for (const item of treesAt(volume, 'downwardAPI', 'items')) defaultFieldRef(treeAt(item, 'fieldRef'));
  const projected = treeAt(volume, 'projected');
  // Go writes a list without items as null where the field may not be left out.
  if (projected !== undefined && projected['sources'] === undefined) projected['sources'] = null;
  const hostPath = treeAt(volume, 'hostPath');
  if (hostPath !== undefined) setDefault(hostPath, 'type', '');
}
