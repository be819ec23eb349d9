import { ensureTree, type JsonTree, setDefault, stringMapAt, treeAt, treesAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import { defaultPodSpec, defaultTemplate } from './pod-spec.ts';

const DEFAULT_PROGRESS_DEADLINE_SECONDS = 600;
const DEFAULT_REVISION_HISTORY = 10;
const DEFAULT_BACKOFF_LIMIT = 6;
const NODE_TROUBLE_SECONDS = 300;

export function defaultDeployment(object: KubeObject): void {
  const spec = ensureTree(object, 'spec');
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', DEFAULT_REVISION_HISTORY);
  setDefault(spec, 'progressDeadlineSeconds', DEFAULT_PROGRESS_DEADLINE_SECONDS);
  const strategy = ensureTree(spec, 'strategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rollingUpdate = ensureTree(strategy, 'rollingUpdate');
    setDefault(rollingUpdate, 'maxSurge', '25%');
    setDefault(rollingUpdate, 'maxUnavailable', '25%');
  }
  defaultTemplate(spec);
}

export function defaultReplicaSet(object: KubeObject): void {
  setDefault(ensureTree(object, 'status'), 'replicas', 0);
  const spec = ensureTree(object, 'spec');
  setDefault(spec, 'replicas', 1);
  if (treeAt(spec, 'template') !== undefined) defaultTemplate(spec);
}

export function defaultJob(object: KubeObject, previous: KubeObject | undefined): void {
  const spec = ensureTree(object, 'spec');
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1;
  setDefault(spec, 'parallelism', 1);
  setDefault(spec, 'backoffLimit', DEFAULT_BACKOFF_LIMIT);
  setDefault(spec, 'completionMode', 'NonIndexed');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'podReplacementPolicy', 'TerminatingOrFailed');
  setDefault(spec, 'manualSelector', false);
  defaultTemplate(spec);
  if (previous === undefined && spec['manualSelector'] !== true) selectOwnPods(object, spec);
}

/** A Job finds its pods by its uid, which the API server writes into selector and template. */
function selectOwnPods({ metadata }: KubeObject, spec: JsonTree): void {
  const labels = ensureTree(ensureTree(ensureTree(spec, 'template'), 'metadata'), 'labels');
  setDefault(labels, 'batch.kubernetes.io/job-name', metadata.name);
  setDefault(labels, 'job-name', metadata.name);
  labels['batch.kubernetes.io/controller-uid'] = metadata.uid;
  labels['controller-uid'] = metadata.uid;
  spec['selector'] = { matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid } };
  metadata.labels ??= stringMapAt(spec, 'template', 'metadata', 'labels');
}

export function defaultPod(object: KubeObject, previous: KubeObject | undefined): void {
  const spec = ensureTree(object, 'spec');
  defaultPodSpec(spec);
  // Admission, not defaulting, in a real cluster: templates stay without.
  setDefault(spec, 'serviceAccountName', 'default');
  setDefault(spec, 'serviceAccount', spec['serviceAccountName']);
  setDefault(spec, 'enableServiceLinks', true);
  for (const container of treesAt(spec, 'containers')) requestWhatIsLimited(container);
  if (previous !== undefined) return;
  setDefault(spec, 'priority', 0);
  setDefault(spec, 'preemptionPolicy', 'PreemptLowerPriority');
  tolerateNodeTrouble(spec);
  object.status = { phase: 'Pending', qosClass: qosClassOf(spec) };
}

/** A pod stays for five minutes on a node that is in trouble, unless it says otherwise (`DefaultTolerationSeconds`). */
function tolerateNodeTrouble(spec: JsonTree): void {
  const said = treesAt(spec, 'tolerations');
  const missing = ['not-ready', 'unreachable']
    .map((trouble) => `node.kubernetes.io/${trouble}`)
    .filter((key) => !said.some((toleration) => toleration['key'] === undefined || toleration['key'] === key))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: NODE_TROUBLE_SECONDS }));
  if (missing.length > 0) spec['tolerations'] = [...said, ...missing];
}

function requestWhatIsLimited(container: JsonTree): void {
  const limits = treeAt(container, 'resources', 'limits');
  if (limits === undefined) return;
  const requests = ensureTree(ensureTree(container, 'resources'), 'requests');
  for (const [name, value] of Object.entries(limits)) setDefault(requests, name, value);
}

function qosClassOf(spec: JsonTree): string {
  const resources = treesAt(spec, 'containers').map((container) => treeAt(container, 'resources') ?? {});
  if (resources.every((entry) => Object.keys(entry).length === 0)) return 'BestEffort';
  const isGuaranteed = resources.every((entry) =>
    ['cpu', 'memory'].every((name) => {
      const limit = treeAt(entry, 'limits')?.[name];
      return limit !== undefined && limit === treeAt(entry, 'requests')?.[name];
    }),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
