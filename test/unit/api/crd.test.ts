import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { customResourceDefinition } from '../../../src/api/crd/definitions.ts';
import { type StructuralSchema, structuralSchema } from '../../../src/api/crd/structural.ts';
import { isKindName, KIND_SCHEMAS } from '../../../src/api/kinds.ts';

const FILES = {
  Rollout: 'rollout-crd.yaml',
  AnalysisRun: 'analysis-run-crd.yaml',
  AnalysisTemplate: 'analysis-template-crd.yaml',
  ClusterAnalysisTemplate: 'cluster-analysis-template-crd.yaml',
  Experiment: 'experiment-crd.yaml',
} as const;

const KINDS = Object.keys(KIND_SCHEMAS).filter(isKindName);
const definitions = new Map(KINDS.map((kind) => [kind, customResourceDefinition(kind)]));

const version = (kind: (typeof KINDS)[number]) => definitions.get(kind)!.spec.versions[0]!;
const schemaOf = (kind: (typeof KINDS)[number]) => version(kind).schema.openAPIV3Schema;

/** The schema at `spec.steps[].pause`, without the `$` that upstream documents start such paths with. */
function at(schema: StructuralSchema, field: string): StructuralSchema {
  let node: StructuralSchema | undefined = schema;
  for (const segment of field.split('.')) {
    node = node?.properties?.[segment.replace('[]', '')];
    if (segment.endsWith('[]')) node = node?.items;
  }
  if (node === undefined) throw new Error(`no field ${field}`);
  return node;
}

function* nodes(schema: StructuralSchema, field = ''): Generator<readonly [string, StructuralSchema]> {
  yield [field, schema];
  for (const [name, child] of Object.entries(schema.properties ?? {})) yield* nodes(child, `${field}.${name}`);
  if (schema.items !== undefined) yield* nodes(schema.items, `${field}[]`);
  if (schema.additionalProperties !== undefined) yield* nodes(schema.additionalProperties, `${field}{}`);
}

const ALLOWED_KEYWORDS: ReadonlySet<string> = new Set([
  'type',
  'format',
  'description',
  'default',
  'enum',
  'required',
  'properties',
  'additionalProperties',
  'items',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
]);

function violationsOf(node: StructuralSchema): readonly string[] {
  const anyType = node['x-kubernetes-int-or-string'] === true || node['x-kubernetes-preserve-unknown-fields'] === true;
  const known = Object.keys(node.properties ?? {});
  return [
    ...Object.keys(node).filter((keyword) => !ALLOWED_KEYWORDS.has(keyword)),
    ...(node.type === undefined && !anyType ? ['has no type'] : []),
    ...(node['x-kubernetes-int-or-string'] === true && node.type !== undefined ? ['has two types'] : []),
    ...(node.properties !== undefined && node.additionalProperties !== undefined ? ['is struct and map'] : []),
    ...(node.type === 'array' && node.items === undefined ? ['has no items'] : []),
    ...(node.required ?? []).filter((name) => !known.includes(name)).map((name) => `requires unknown ${name}`),
  ];
}

function isListMapKey(items: StructuralSchema | undefined, key: string): boolean {
  const schema = items?.properties?.[key];
  const scalar = schema?.type === 'string' || schema?.type === 'integer';
  return scalar && (items?.required?.includes(key) === true || schema.default !== undefined);
}

describe.each(KINDS)('the CRD of %s', (kind) => {
  it('is in step with the file', () => {
    const file = path.join(import.meta.dirname, '../../../crds', FILES[kind]);
    const text = readFileSync(file, 'utf8');
    expect(parse(text)).toEqual(JSON.parse(JSON.stringify(definitions.get(kind))));
    expect(text.length).toBeLessThan(200_000);
  });

  it('is structural: every node is typed once, and only with keywords that Kubernetes allows', () => {
    const violations = [...nodes(schemaOf(kind))].flatMap(([field, node]) =>
      violationsOf(node).map((violation) => `${field}: ${violation}`),
    );
    expect(violations).toEqual([]);
  });

  it('merges keyed lists by scalars that are required or have a default', () => {
    const violations = [...nodes(schemaOf(kind))].flatMap(([field, node]) =>
      (node['x-kubernetes-list-map-keys'] ?? [])
        .filter((key) => !isListMapKey(node.items, key))
        .map((key) => `${field} by ${key}`),
    );
    expect(violations).toEqual([]);
  });

  it('leaves metadata to the API server and describes itself', () => {
    const schema = schemaOf(kind);
    expect(schema.properties?.['metadata']).toEqual({ type: 'object' });
    expect(schema.required).toEqual(['spec']);
    expect(schema.description).toMatch(/\.$/);
    expect(at(schema, 'spec').description).toMatch(/\.$/);
  });
});

describe('names, subresources and columns', () => {
  it.each([
    ['Rollout', 'rollouts', 'ro', 'Namespaced', ['Desired', 'Current', 'Up-to-date', 'Available', 'Age']],
    ['AnalysisRun', 'analysisruns', 'ar', 'Namespaced', ['Status', 'Age']],
    ['AnalysisTemplate', 'analysistemplates', 'at', 'Namespaced', ['Age']],
    ['ClusterAnalysisTemplate', 'clusteranalysistemplates', 'cat', 'Cluster', ['Age']],
    ['Experiment', 'experiments', 'exp', 'Namespaced', ['Status', 'Age']],
  ] as const)('of %s are those of Argo Rollouts', (kind, plural, shortName, scope, columns) => {
    const { metadata, spec } = definitions.get(kind)!;
    expect(metadata.name).toBe(`${plural}.argoproj.io`);
    expect(spec).toMatchObject({
      group: 'argoproj.io',
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames: [shortName] },
    });
    expect(version(kind)).toMatchObject({ name: 'v1alpha1', served: true, storage: true });
    const shown = version(kind).additionalPrinterColumns.filter(({ priority }) => priority === undefined);
    expect(shown.map(({ name }) => name)).toEqual(columns);
  });

  it('only Rollouts have subresources', () => {
    expect(version('Rollout').subresources).toEqual({
      status: {},
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.HPAReplicas',
        labelSelectorPath: '.status.selector',
      },
    });
    expect(KINDS.filter((kind) => version(kind).subresources !== undefined)).toEqual(['Rollout']);
  });

  it('columns point at fields that exist', () => {
    const paths = KINDS.flatMap((kind) =>
      version(kind)
        .additionalPrinterColumns.filter(({ jsonPath }) => !jsonPath.startsWith('.metadata.'))
        .map(({ jsonPath }) => at(schemaOf(kind), jsonPath.slice(1)).type),
    );
    expect(new Set(paths)).toEqual(new Set(['integer', 'string']));
  });
});

describe('the schema of Rollout', () => {
  const schema = schemaOf('Rollout');

  it.each([
    ['spec.strategy.blueGreen', ['activeService']],
    ['spec.strategy.canary.pingPong', ['pingService', 'pongService']],
    ['spec.strategy.canary.replicaProgressThreshold', ['type', 'value']],
    ['spec.strategy.canary.trafficRouting.alb', ['servicePort']],
    ['spec.strategy.canary.trafficRouting.istio.destinationRule', ['name', 'canarySubsetName', 'stableSubsetName']],
    ['spec.strategy.canary.trafficRouting.managedRoutes[]', ['name']],
    ['spec.strategy.canary.steps[].plugin', ['name']],
    ['spec.strategy.canary.steps[].experiment.templates[]', ['name', 'specRef']],
    ['spec.strategy.canary.steps[].setHeaderRoute.match[]', ['headerName', 'headerValue']],
    ['status.canary.weights', ['canary', 'stable']],
    ['status.canary.weights.canary', ['weight']],
  ])('requires of %s what Argo Rollouts requires', (field, required) => {
    expect([...(at(schema, field).required ?? [])].sort()).toEqual([...required].sort());
  });

  it.each(['spec', 'spec.strategy', 'spec.strategy.canary', 'spec.strategy.canary.steps[]', 'status'])(
    'requires nothing of %s',
    (field) => {
      expect(at(schema, field).required).toBeUndefined();
    },
  );

  it.each(['spec.strategy.canary.trafficRouting.plugins', 'spec.strategy.canary.steps[].plugin.config'])(
    'keeps whatever is in %s',
    (field) => {
      expect(at(schema, field)).toMatchObject({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    },
  );

  it('holds the selector fixed, and nothing else', () => {
    const rules = [...nodes(schema)].filter(([, node]) => node['x-kubernetes-validations'] !== undefined);
    expect(rules.map(([field]) => field)).toEqual(['.spec.selector']);
    expect(at(schema, 'spec.selector')['x-kubernetes-validations']).toEqual([
      { rule: 'self == oldSelf', message: '.spec.selector is immutable' },
    ]);
  });

  it('gives a type to every number that Kubernetes reads', () => {
    expect(at(schema, 'spec.replicas')).toMatchObject({ type: 'integer', format: 'int32' });
    // Argo Rollouts writes a string, kstatus wants a number.
    expect(at(schema, 'status.observedGeneration')['x-kubernetes-int-or-string']).toBe(true);
    expect(at(schema, 'spec.restartAt')).toMatchObject({ type: 'string', format: 'date-time' });
    expect(at(schema, 'spec.strategy.canary.maxSurge')['x-kubernetes-int-or-string']).toBe(true);
  });

  it.each([
    ['containers', ['name']],
    ['initContainers', ['name']],
    ['volumes', ['name']],
    ['imagePullSecrets', ['name']],
    ['containers[].env', ['name']],
    ['containers[].ports', ['containerPort', 'protocol']],
    ['containers[].volumeMounts', ['mountPath']],
  ])('merges %s of the pod by %s, as Kubernetes does', (field, keys) => {
    expect(at(schema, `spec.template.spec.${field}`)).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': keys,
    });
  });

  it('takes quantities as numbers and as strings', () => {
    const { additionalProperties } = at(schema, 'spec.template.spec.containers[].resources.limits');
    expect(additionalProperties).toEqual({ 'x-kubernetes-preserve-unknown-fields': true });
  });

  it('has no enums but those of our own fields', () => {
    const enums = [...nodes(schema)].filter(([, node]) => node.enum !== undefined).map(([field]) => field);
    expect(enums).toEqual(['.spec.strategy.canary.steps[].pause.onTimeout']);
  });
});

describe('the schema of metrics', () => {
  const metric = at(schemaOf('AnalysisTemplate'), 'spec.metrics[]');

  it('has the defaults and enums of Argo Rollouts', () => {
    expect(at(metric, 'provider.datadog.apiVersion')).toMatchObject({ enum: ['v1', 'v2'], default: 'v1' });
    expect(at(metric, 'provider.datadog.interval').default).toBe('5m');
    expect(at(metric, 'provider.datadog.requestTimeout').default).toBe('10s');
  });

  it('requires name and provider', () => {
    expect([...(metric.required ?? [])].sort()).toEqual(['name', 'provider']);
    expect(at(metric, 'provider').required).toBeUndefined();
    expect(at(metric, 'provider.web').required).toEqual(['url']);
    expect(at(metric, 'provider.newRelic').required).toEqual(['query']);
    expect(at(metric, 'provider.job').required).toEqual(['spec']);
  });

  it.each(['provider.plugin', 'provider.web.jsonBody'])('keeps whatever is in %s', (field) => {
    expect(at(metric, field)['x-kubernetes-preserve-unknown-fields']).toBe(true);
  });
});

describe('a zod schema that a CRD cannot express', () => {
  it.each([
    ['a union', z.object({ a: z.union([z.string(), z.boolean()]) }), '.a'],
    ['a pattern', z.object({ a: z.object({ b: z.string().regex(/x/) }) }), '.a.b'],
    ['a literal', z.object({ a: z.array(z.tuple([z.string()])) }), '.a[]'],
  ])('is refused with its path: %s', (_, schema, field) => {
    expect(() => structuralSchema(schema)).toThrow(`${field}: `);
  });
});
