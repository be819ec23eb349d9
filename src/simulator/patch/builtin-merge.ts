import { type ListMerge, type MergeNode, OBJECT_META } from './merge-schema.ts';

/*
 * How the built-in kinds merge: `patchMergeKey`, `+listType`, `+listMapKey`, `+mapType` and `+structType` of k8s.io/api
 * (core, apps, batch, networking, autoscaling, policy). A place that is not noted here is a struct that merges field by
 * field, a list that is one value, or a scalar.
 */

const struct = (fields: Readonly<Record<string, MergeNode>>): MergeNode => ({ open: true, fields });
const map = (values: MergeNode = {}): MergeNode => ({ values });
const atomic: MergeNode = { atomic: true, open: true };
const set: MergeNode = { list: { type: 'set' } };

/** A key that is left out is the empty text of a Go struct, for validation to refuse. */
const listBy = (key: string, items: MergeNode = struct({})): MergeNode => ({
  list: { type: 'map', keys: [key], defaults: { [key]: '' } },
  items,
});

/** Ports are told apart by number and protocol; TCP is the default. */
const portsBy = (key: string): MergeNode => {
  const list: ListMerge = { type: 'map', keys: [key, 'protocol'], defaults: { protocol: 'TCP' } };
  return { list, items: struct({}) };
};

const conditions = listBy('type');
const statusWithConditions = struct({ conditions });

const valueFrom = struct({
  fieldRef: atomic,
  resourceFieldRef: atomic,
  configMapKeyRef: atomic,
  secretKeyRef: atomic,
});

const resources = struct({
  limits: map(),
  requests: map(),
  claims: { ...listBy('name'), replaced: true },
});

const container = struct({
  ports: portsBy('containerPort'),
  env: listBy('name', struct({ valueFrom })),
  volumeMounts: listBy('mountPath'),
  volumeDevices: listBy('devicePath'),
  resources,
});

const claimSpec = struct({ selector: atomic, dataSource: atomic, resources });

const volume = struct({
  ephemeral: struct({ volumeClaimTemplate: struct({ metadata: OBJECT_META, spec: claimSpec }) }),
});

const affinity = struct({
  nodeAffinity: struct({ requiredDuringSchedulingIgnoredDuringExecution: atomic }),
});

const podSpec = struct({
  volumes: listBy('name', volume),
  initContainers: listBy('name', container),
  containers: listBy('name', container),
  ephemeralContainers: listBy('name', container),
  nodeSelector: { atomic: true, values: {} },
  imagePullSecrets: listBy('name', atomic),
  hostAliases: listBy('ip'),
  topologySpreadConstraints: {
    list: { type: 'map', keys: ['topologyKey', 'whenUnsatisfiable'] },
    items: struct({ labelSelector: atomic }),
  },
  schedulingGates: listBy('name'),
  resourceClaims: listBy('name'),
  affinity,
  overhead: map(),
});

const podStatus = struct({
  conditions,
  podIPs: listBy('ip'),
  resourceClaimStatuses: listBy('name'),
});

const template = struct({ metadata: OBJECT_META, spec: podSpec });
const jobSpec = struct({ selector: atomic, template });
const workload = (status: MergeNode = statusWithConditions): MergeNode =>
  kind({ spec: struct({ selector: atomic, template }), status });

function kind(fields: Readonly<Record<string, MergeNode>>): MergeNode {
  return struct({ metadata: OBJECT_META, ...fields });
}

const KINDS: Readonly<Record<string, MergeNode>> = {
  Pod: kind({ spec: podSpec, status: podStatus }),
  PodTemplate: kind({ template }),
  ReplicationController: kind({
    spec: struct({ selector: { atomic: true, values: {} }, template }),
    status: statusWithConditions,
  }),
  Deployment: workload(),
  ReplicaSet: workload(),
  DaemonSet: workload(),
  StatefulSet: workload(),
  Job: kind({
    spec: jobSpec,
    status: struct({
      conditions,
      uncountedTerminatedPods: struct({ succeeded: { ...set, replaced: true }, failed: { ...set, replaced: true } }),
    }),
  }),
  CronJob: kind({ spec: struct({ jobTemplate: struct({ metadata: OBJECT_META, spec: jobSpec }) }) }),
  Service: kind({
    spec: struct({ ports: portsBy('port'), selector: { atomic: true, values: {} } }),
    status: statusWithConditions,
  }),
  ServiceAccount: kind({ secrets: listBy('name', atomic) }),
  ConfigMap: kind({ data: map(), binaryData: map() }),
  Secret: kind({ data: map(), stringData: map() }),
  Namespace: kind({ status: statusWithConditions }),
  Node: kind({
    spec: struct({ podCIDRs: set }),
    status: struct({ conditions, addresses: listBy('type'), capacity: map(), allocatable: map() }),
  }),
  PersistentVolumeClaim: kind({ spec: claimSpec, status: struct({ conditions, capacity: map() }) }),
  HorizontalPodAutoscaler: kind({ status: statusWithConditions }),
  PodDisruptionBudget: kind({
    spec: struct({ selector: { ...atomic, replaced: true } }),
    status: statusWithConditions,
  }),
  Event: kind({ involvedObject: atomic, related: atomic }),
};

const OTHER_KIND = kind({});

/** How an object of a built-in kind merges; of a kind without special places, only its metadata is special. */
export function builtinMergeNode(name: string): MergeNode {
  return (Object.hasOwn(KINDS, name) ? KINDS[name] : undefined) ?? OTHER_KIND;
}
