import { type JsonTree, numberAt, stringAt, treeAt, treesAt, valueAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import type { Json } from './patch/json.ts';
import { customColumns } from './printers/custom.ts';
import type { KindRules, ResourceType, ScalePaths } from './resource-type.ts';
import { customResourceErrors } from './schema/custom-resource-errors.ts';
import { type FieldError, fieldError } from './schema/field-error.ts';
import type { StructuralSchema } from './schema/structural-schema.ts';

/** The resource types that a CustomResourceDefinition describes: one for each served version. */
export function typesOfDefinition(definition: KubeObject): ResourceType[] {
  return treesAt(definition.spec, 'versions')
    .filter((version) => version['served'] === true)
    .map((version) => typeOfVersion(definition, version));
}

function typeOfVersion({ spec, metadata }: KubeObject, version: JsonTree): ResourceType {
  const names = treeAt(spec, 'names') ?? {};
  const kind = stringAt(names, 'kind') ?? '';
  const schema = treeAt(version, 'schema', 'openAPIV3Schema') as StructuralSchema | undefined;
  const scale = scalePaths(treeAt(version, 'subresources', 'scale'));
  return {
    group: stringAt(spec, 'group') ?? '',
    version: stringAt(version, 'name') ?? '',
    plural: stringAt(names, 'plural') ?? '',
    singular: stringAt(names, 'singular') ?? kind.toLowerCase(),
    kind,
    listKind: stringAt(names, 'listKind') ?? `${kind}List`,
    namespaced: stringAt(spec, 'scope') === 'Namespaced',
    shortNames: textsAt(names, 'shortNames'),
    categories: textsAt(names, 'categories'),
    hasStatus: treeAt(version, 'subresources', 'status') !== undefined,
    ...(scale === undefined ? {} : { scale }),
    actions: [],
    tracksGeneration: true,
    needsVersion: true,
    createsOnUpdate: false,
    selectableFields: treesAt(version, 'selectableFields').map((field) => pathText(stringAt(field, 'jsonPath') ?? '')),
    columns: customColumns(treesAt(version, 'additionalPrinterColumns')),
    rules: schema === undefined ? {} : schemaRules(schema, scale),
    // One that is served from the start was never stored.
    since: Number(metadata.resourceVersion ?? 0),
    builtIn: false,
    schema: () => schema,
  };
}

function schemaRules(schema: StructuralSchema, scale: ScalePaths | undefined): KindRules {
  return {
    validate: (object, previous) => [
      ...customResourceErrors(schema, object as unknown as Json, previous as unknown as Json | undefined),
      ...(scale === undefined ? [] : replicasErrors(object, scale.specReplicas)),
    ],
  };
}

const MAX_REPLICAS = 2 ** 31 - 1;

/** What can be scaled must be scaled to a number of pods, whatever its schema says. */
function replicasErrors(object: KubeObject, path: readonly string[]): FieldError[] {
  const replicas = numberAt(object, ...path);
  if (replicas === undefined || (replicas >= 0 && replicas <= MAX_REPLICAS)) return [];
  const rule = replicas < 0 ? 'should be a non-negative integer' : `should be less than or equal to ${MAX_REPLICAS}`;
  return [fieldError('FieldValueInvalid', `.${path.join('.')}`, replicas, rule)];
}

function scalePaths(scale: JsonTree | undefined): ScalePaths | undefined {
  if (scale === undefined) return undefined;
  const path = (field: string): readonly string[] => pathText(stringAt(scale, field) ?? '').split('.');
  return {
    specReplicas: path('specReplicasPath'),
    statusReplicas: path('statusReplicasPath'),
    selectorText: stringAt(scale, 'labelSelectorPath') === undefined ? [] : path('labelSelectorPath'),
  };
}

/** `.spec.replicas` without its leading dot. */
function pathText(path: string): string {
  return path.replace(/^\./, '');
}

function textsAt(tree: JsonTree, field: string): string[] {
  const list = valueAt(tree, field);
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
