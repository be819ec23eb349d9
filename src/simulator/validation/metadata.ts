import type { KubeObject, OwnerReference } from '../kube-object.ts';
import type { ResourceType } from '../resource-type.ts';
import { type FieldError, fieldError, valueOmitted } from '../schema/field-error.ts';
import { dnsLabelMistakes, labelValueMistakes, qualifiedNameMistakes, subdomainMistakes } from './names.ts';

/** All annotations of an object together. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;
/** Resources whose names become DNS labels. */
const LABEL_NAMED = new Set(['namespaces', 'services']);
/** Finalizers that may do without a domain. */
const STANDARD_FINALIZERS = new Set([
  'customresourcecleanup.apiextensions.k8s.io',
  'foregroundDeletion',
  'kubernetes',
  'orphan',
]);
const ANNOTATIONS = 'metadata.annotations';
const FINALIZERS = 'metadata.finalizers';
const OWNERS = 'metadata.ownerReferences';

/** The checks on metadata that all kinds share. What is as it was passed them when it was stored. */
export function validateMetadata(
  type: ResourceType,
  object: KubeObject,
  previous: KubeObject | undefined,
): readonly FieldError[] {
  const { metadata } = object;
  const before = previous?.metadata;
  const { name, labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  return [
    ...(before === undefined ? nameErrors(type, name) : []),
    ...(labels === before?.labels ? [] : labelErrors(labels)),
    ...(annotations === before?.annotations ? [] : annotationErrors(annotations)),
    ...(ownerReferences === before?.ownerReferences ? [] : ownerErrors(ownerReferences)),
    ...(metadata.finalizers === before?.finalizers ? [] : finalizerErrors(type, object, previous)),
  ];
}

/** What a client is told about metadata that is accepted all the same: custom resources may have any finalizer. */
export function metadataWarnings(type: ResourceType, object: KubeObject, previous: KubeObject | undefined): string[] {
  if (type.builtIn) return [];
  return newFinalizers(object, previous)
    .filter((finalizer) => !isProperFinalizer(finalizer))
    .map((finalizer) => {
      const advice =
        'prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers';
      return `${FINALIZERS}: ${JSON.stringify(finalizer)}: ${advice}`;
    });
}

function nameErrors(type: ResourceType, name: string): FieldError[] {
  const isLabel = LABEL_NAMED.has(type.plural) && type.group === '';
  if (!isLabel && type.group === 'rbac.authorization.k8s.io') return [];
  const mistakes = isLabel ? dnsLabelMistakes(name) : subdomainMistakes(name);
  return invalid('metadata.name', name, mistakes);
}

function invalid(field: string, value: string, mistakes: readonly string[]): FieldError[] {
  return mistakes.map((mistake) => fieldError('FieldValueInvalid', field, value, mistake));
}

function labelErrors(labels: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...invalid('metadata.labels', key, qualifiedNameMistakes(key)),
    ...invalid('metadata.labels', value, labelValueMistakes(value)),
  ]);
}

function annotationErrors(annotations: Readonly<Record<string, string>>): FieldError[] {
  const errors = Object.keys(annotations).flatMap((key) =>
    invalid(ANNOTATIONS, key, qualifiedNameMistakes(key.toLowerCase())),
  );
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) bytes += key.length + value.length;
  if (bytes > MAX_ANNOTATIONS_BYTES) {
    errors.push(valueOmitted('FieldValueTooLong', ANNOTATIONS, `may not be more than ${MAX_ANNOTATIONS_BYTES} bytes`));
  }
  return errors;
}

/** Clients may leave out what Go then reads as empty. */
function ownerErrors(owners: readonly Partial<OwnerReference>[]): FieldError[] {
  const errors = owners.flatMap(({ apiVersion = '', kind = '', name = '', uid = '' }) => [
    ...(/^([^/]*\/)?[^/]+$/.test(apiVersion)
      ? []
      : invalid(`${OWNERS}.apiVersion`, apiVersion, ['version must not be empty'])),
    ...Object.entries({ kind, name, uid }).flatMap(([field, value]) =>
      value === '' ? invalid(`${OWNERS}.${field}`, value, ['must not be empty']) : [],
    ),
  ]);
  const [first, second] = owners.filter(({ controller }) => controller === true);
  if (first === undefined || second === undefined) return errors;
  const both = `${first.kind}/${first.name} and ${second.kind}/${second.name}`;
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${both}`;
  return [
    ...errors,
    { type: 'FieldValueInvalid', field: OWNERS, message: `Invalid value: ${ownersText(owners)}: ${detail}` },
  ];
}

/** As Go writes them, whose structs have an order. */
function ownersText(owners: readonly Partial<OwnerReference>[]): string {
  return JSON.stringify(
    owners.map(({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }) => ({
      apiVersion,
      kind,
      name,
      uid,
      controller,
      blockOwnerDeletion,
    })),
  );
}

/** Once an object is being deleted its finalizers can only go. */
function finalizerErrors(type: ResourceType, object: KubeObject, previous: KubeObject | undefined): FieldError[] {
  const { finalizers = [] } = object.metadata;
  const errors = finalizers.flatMap((finalizer) => invalid(FINALIZERS, finalizer, qualifiedNameMistakes(finalizer)));
  const improper = finalizers.flatMap((finalizer, index) =>
    type.builtIn && !isProperFinalizer(finalizer)
      ? invalid(`${FINALIZERS}[${index}]`, finalizer, [
          'name is neither a standard finalizer name nor is it fully qualified',
        ])
      : [],
  );
  const added = previous?.metadata.deletionTimestamp === undefined ? [] : newFinalizers(object, previous);
  if (added.length === 0) return [...errors, ...improper];
  const names = added.map((name) => JSON.stringify(name)).join(', ');
  const why = 'no new finalizers can be added if the object is being deleted';
  const detail = `${why}, found new finalizers []string{${names}}`;
  return [...errors, ...improper, valueOmitted('FieldValueForbidden', FINALIZERS, detail)];
}

function newFinalizers({ metadata }: KubeObject, previous: KubeObject | undefined): readonly string[] {
  const before = previous?.metadata.finalizers ?? [];
  return (metadata.finalizers ?? []).filter((finalizer) => !before.includes(finalizer));
}

function isProperFinalizer(finalizer: string): boolean {
  return finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer);
}
