import { API_GROUP, API_VERSION, KIND_SCHEMAS, type KindName } from '../kinds.ts';
import { type StructuralSchema, structuralSchema } from './structural.ts';

/** A column of `kubectl get`; those of priority 1 appear with `-o wide`. */
interface PrinterColumn {
  readonly name: string;
  readonly type: 'integer' | 'string' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: 1;
}

interface Subresources {
  readonly status?: Readonly<Record<string, never>>;
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath: string;
  };
}

interface KindTraits {
  readonly plural: string;
  readonly shortName: string;
  readonly clusterScoped?: true;
  readonly subresources?: Subresources;
  readonly columns: readonly PrinterColumn[];
}

/** An `apiextensions.k8s.io/v1` CustomResourceDefinition, as far as we write one. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames: readonly string[];
    };
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly {
      readonly name: string;
      readonly served: true;
      readonly storage: true;
      readonly additionalPrinterColumns: readonly PrinterColumn[];
      readonly subresources?: Subresources;
      readonly schema: { readonly openAPIV3Schema: StructuralSchema };
    }[];
  };
}

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since it was created.',
};

const PHASE: PrinterColumn = {
  name: 'Status',
  type: 'string',
  jsonPath: '.status.phase',
  description: 'How it stands.',
};

const MESSAGE: PrinterColumn = {
  name: 'Message',
  type: 'string',
  jsonPath: '.status.message',
  description: 'Why.',
  priority: 1,
};

const count = (name: string, jsonPath: string, description: string): PrinterColumn => ({
  name,
  type: 'integer',
  jsonPath,
  description,
});

/**
 * Names, subresources and columns are Argo Rollouts' (section 9 of its reference); columns of priority 1 are ours.
 * Only Rollouts have a status subresource: clients patch the status of the other kinds together with the rest.
 */
const TRAITS: Readonly<Record<KindName, KindTraits>> = {
  Rollout: {
    plural: 'rollouts',
    shortName: 'ro',
    subresources: {
      status: {},
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.HPAReplicas',
        labelSelectorPath: '.status.selector',
      },
    },
    columns: [
      count('Desired', '.spec.replicas', 'Number of pods wanted.'),
      count('Current', '.status.replicas', 'Number of pods of all versions.'),
      count('Up-to-date', '.status.updatedReplicas', 'Number of pods of the newest version.'),
      count('Available', '.status.availableReplicas', 'Number of pods that are available.'),
      AGE,
      { ...PHASE, priority: 1 },
      { ...count('Step', '.status.currentStepIndex', 'Canary step under way, counted from 0.'), priority: 1 },
      { ...count('Weight', '.status.canary.weights.canary.weight', 'Share of the canary.'), priority: 1 },
      MESSAGE,
    ],
  },
  AnalysisRun: { plural: 'analysisruns', shortName: 'ar', columns: [PHASE, AGE, MESSAGE] },
  AnalysisTemplate: { plural: 'analysistemplates', shortName: 'at', columns: [AGE] },
  ClusterAnalysisTemplate: {
    plural: 'clusteranalysistemplates',
    shortName: 'cat',
    clusterScoped: true,
    columns: [AGE],
  },
  Experiment: { plural: 'experiments', shortName: 'exp', columns: [PHASE, AGE, MESSAGE] },
};

/** The CustomResourceDefinition of a kind. */
export function customResourceDefinition(kind: KindName): CustomResourceDefinition {
  const { plural, shortName, clusterScoped, subresources, columns } = TRAITS[kind];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${API_GROUP}` },
    spec: {
      group: API_GROUP,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames: [shortName] },
      scope: clusterScoped === true ? 'Cluster' : 'Namespaced',
      versions: [
        {
          name: API_VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          ...(subresources === undefined ? {} : { subresources }),
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  };
}

/** The API server owns `metadata` and allows no schema for it beyond its type. */
function rootSchema(kind: KindName): StructuralSchema {
  const schema = structuralSchema(KIND_SCHEMAS[kind]);
  return {
    ...schema,
    required: (schema.required ?? []).filter((name) => name !== 'metadata'),
    properties: { ...schema.properties, metadata: { type: 'object' } },
  };
}
