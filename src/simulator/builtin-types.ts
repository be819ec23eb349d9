import { builtInRules } from './builtin-rules.ts';
import { builtInSchema } from './builtin-schema.ts';
import {
  CONFIG_MAP_COLUMNS,
  EVENT_COLUMNS,
  NAMESPACE_COLUMNS,
  NODE_COLUMNS,
  PLAIN_COLUMNS,
  SECRET_COLUMNS,
  SERVICE_ACCOUNT_COLUMNS,
} from './printers/core.ts';
import { ENDPOINT_SLICE_COLUMNS, INGRESS_CLASS_COLUMNS, INGRESS_COLUMNS, SERVICE_COLUMNS } from './printers/network.ts';
import { CRD_COLUMNS, HPA_COLUMNS, LEASE_COLUMNS, PDB_COLUMNS } from './printers/policy.ts';
import { DEPLOYMENT_COLUMNS, JOB_COLUMNS, POD_COLUMNS, REPLICA_SET_COLUMNS } from './printers/workloads.ts';
import type { Column, ResourceType, ScalePaths } from './resource-type.ts';

/** `model` names the type in `@kubernetes/client-node` whose fields the kind has. */
interface Definition {
  readonly kind: string;
  readonly plural: string;
  readonly model: string;
  readonly shortNames?: readonly string[];
  readonly columns?: readonly Column[];
  readonly clusterScoped?: true;
  readonly inAll?: true;
  readonly status?: true;
  readonly generation?: true;
  readonly scale?: true;
  readonly createOnly?: true;
  readonly actions?: ResourceType['actions'];
  readonly fields?: readonly string[];
}

const SCALE_PATHS: ScalePaths = { specReplicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'] };

/** From the strategies in pkg/registry of Kubernetes. */
const NEEDS_VERSION = new Set(['CustomResourceDefinition', 'Lease', 'PodDisruptionBudget', 'ServiceAccount']);
const CREATES_ON_UPDATE = new Set(['Event', 'Lease', 'Service']);

const EVENT_FIELDS = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
];
const POD_FIELDS = [
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'spec.hostNetwork',
  'status.phase',
  'status.podIP',
  'status.nominatedNodeName',
];

const CORE: readonly Definition[] = [
  {
    kind: 'Namespace',
    plural: 'namespaces',
    model: 'V1Namespace',
    shortNames: ['ns'],
    columns: NAMESPACE_COLUMNS,
    clusterScoped: true,
    status: true,
    fields: ['status.phase'],
  },
  {
    kind: 'Pod',
    plural: 'pods',
    model: 'V1Pod',
    shortNames: ['po'],
    columns: POD_COLUMNS,
    inAll: true,
    status: true,
    generation: true,
    actions: ['binding', 'eviction', 'log'],
    fields: POD_FIELDS,
  },
  {
    kind: 'Service',
    plural: 'services',
    model: 'V1Service',
    shortNames: ['svc'],
    columns: SERVICE_COLUMNS,
    inAll: true,
    status: true,
    fields: ['spec.clusterIP', 'spec.type'],
  },
  { kind: 'ConfigMap', plural: 'configmaps', model: 'V1ConfigMap', shortNames: ['cm'], columns: CONFIG_MAP_COLUMNS },
  { kind: 'Secret', plural: 'secrets', model: 'V1Secret', columns: SECRET_COLUMNS, fields: ['type'] },
  {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    model: 'V1ServiceAccount',
    shortNames: ['sa'],
    columns: SERVICE_ACCOUNT_COLUMNS,
  },
  {
    kind: 'Event',
    plural: 'events',
    model: 'CoreV1Event',
    shortNames: ['ev'],
    columns: EVENT_COLUMNS,
    fields: EVENT_FIELDS,
  },
  {
    kind: 'Node',
    plural: 'nodes',
    model: 'V1Node',
    shortNames: ['no'],
    columns: NODE_COLUMNS,
    clusterScoped: true,
    status: true,
    fields: ['spec.unschedulable'],
  },
];

const GROUPS: readonly (readonly [group: string, version: string, definitions: readonly Definition[]])[] = [
  ['', 'v1', CORE],
  [
    'apps',
    'v1',
    [
      {
        kind: 'Deployment',
        plural: 'deployments',
        model: 'V1Deployment',
        shortNames: ['deploy'],
        columns: DEPLOYMENT_COLUMNS,
        inAll: true,
        status: true,
        generation: true,
        scale: true,
      },
      {
        kind: 'ReplicaSet',
        plural: 'replicasets',
        model: 'V1ReplicaSet',
        shortNames: ['rs'],
        columns: REPLICA_SET_COLUMNS,
        inAll: true,
        status: true,
        generation: true,
        scale: true,
      },
    ],
  ],
  [
    'batch',
    'v1',
    [
      {
        kind: 'Job',
        plural: 'jobs',
        model: 'V1Job',
        columns: JOB_COLUMNS,
        inAll: true,
        status: true,
        generation: true,
        fields: ['status.successful'],
      },
    ],
  ],
  [
    'autoscaling',
    'v2',
    [
      {
        kind: 'HorizontalPodAutoscaler',
        plural: 'horizontalpodautoscalers',
        model: 'V2HorizontalPodAutoscaler',
        shortNames: ['hpa'],
        columns: HPA_COLUMNS,
        inAll: true,
        status: true,
      },
    ],
  ],
  [
    'networking.k8s.io',
    'v1',
    [
      {
        kind: 'Ingress',
        plural: 'ingresses',
        model: 'V1Ingress',
        shortNames: ['ing'],
        columns: INGRESS_COLUMNS,
        status: true,
        generation: true,
      },
      {
        kind: 'IngressClass',
        plural: 'ingressclasses',
        model: 'V1IngressClass',
        columns: INGRESS_CLASS_COLUMNS,
        clusterScoped: true,
        generation: true,
      },
    ],
  ],
  [
    'policy',
    'v1',
    [
      {
        kind: 'PodDisruptionBudget',
        plural: 'poddisruptionbudgets',
        model: 'V1PodDisruptionBudget',
        shortNames: ['pdb'],
        columns: PDB_COLUMNS,
        status: true,
        generation: true,
      },
    ],
  ],
  [
    'discovery.k8s.io',
    'v1',
    [
      {
        kind: 'EndpointSlice',
        plural: 'endpointslices',
        model: 'V1EndpointSlice',
        columns: ENDPOINT_SLICE_COLUMNS,
        generation: true,
      },
    ],
  ],
  ['coordination.k8s.io', 'v1', [{ kind: 'Lease', plural: 'leases', model: 'V1Lease', columns: LEASE_COLUMNS }]],
  [
    'authorization.k8s.io',
    'v1',
    [
      {
        kind: 'SelfSubjectAccessReview',
        plural: 'selfsubjectaccessreviews',
        model: 'V1SelfSubjectAccessReview',
        clusterScoped: true,
        createOnly: true,
      },
      {
        kind: 'SelfSubjectRulesReview',
        plural: 'selfsubjectrulesreviews',
        model: 'V1SelfSubjectRulesReview',
        clusterScoped: true,
        createOnly: true,
      },
    ],
  ],
  [
    'apiextensions.k8s.io',
    'v1',
    [
      {
        kind: 'CustomResourceDefinition',
        plural: 'customresourcedefinitions',
        model: 'V1CustomResourceDefinition',
        shortNames: ['crd', 'crds'],
        columns: CRD_COLUMNS,
        clusterScoped: true,
        status: true,
        generation: true,
      },
    ],
  ],
];

/** The kinds that the server offers from the start. */
export function builtInTypes(): ResourceType[] {
  return GROUPS.flatMap(([group, version, definitions]) =>
    definitions.map((definition) => resourceTypeOf(group, version, definition)),
  );
}

function resourceTypeOf(group: string, version: string, definition: Definition): ResourceType {
  const { kind, plural } = definition;
  return {
    group,
    version,
    plural,
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    namespaced: definition.clusterScoped !== true,
    shortNames: definition.shortNames ?? [],
    categories: definition.inAll === true ? ['all'] : [],
    hasStatus: definition.status === true,
    ...(definition.scale === true ? { scale: SCALE_PATHS } : {}),
    actions: definition.actions ?? [],
    tracksGeneration: definition.generation === true,
    needsVersion: NEEDS_VERSION.has(kind),
    createsOnUpdate: CREATES_ON_UPDATE.has(kind),
    selectableFields: definition.fields ?? [],
    columns: definition.columns ?? PLAIN_COLUMNS,
    rules: builtInRules(kind),
    ...(definition.createOnly === true ? { createOnly: true } : {}),
    since: 0,
    builtIn: true,
    model: definition.model,
    schema: () => builtInSchema(definition.model),
  };
}
