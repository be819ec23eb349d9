import type { KubeObject } from '../api/core-types.ts';
import { ApiError, isForbidden, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, ROLLOUTS } from '../kube/resources.ts';
import type { KubeTransport } from '../kube/transport.ts';

/**
 * Fields of Linnet's own CRD that it cannot work without. The API server prunes what a CRD does not know, so on another
 * CRD (Argo Rollouts', say, whose own fields are all in ours) every wait would begin again with every pass.
 */
const NEEDED_FIELDS: readonly (readonly string[])[] = [
  ['status', 'canary', 'reach'],
  ['status', 'canary', 'weights', 'inEffectSince'],
  ['status', 'conditions', 'observedGeneration'],
];

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

interface PublishedSchema extends Schema {
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly group: string; readonly kind: string }[];
}

interface CustomResourceDefinition extends KubeObject {
  readonly spec?: {
    readonly versions?: readonly { readonly name: string; readonly schema?: { readonly openAPIV3Schema?: Schema } }[];
  };
}

/**
 * Why the installed CRDs do not serve, with the remedy; undefined when they do, or when this process may not look.
 * Rejects when the API server does not answer.
 */
export async function crdProblem(client: KubeClient, transport: KubeTransport): Promise<string | undefined> {
  const name = `${ROLLOUTS.plural}.${ROLLOUTS.group}`;
  try {
    const crd = await client.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
    const schema = crd.spec?.versions?.find((version) => version.name === ROLLOUTS.version)?.schema?.openAPIV3Schema;
    return schemaProblem(name, schema);
  } catch (error) {
    if (isForbidden(error)) return publishedProblem(name, transport);
    if (isNotFound(error)) return notInstalled(name);
    if (error instanceof ApiError) return `cannot read CustomResourceDefinition "${name}": ${error.serverMessage}`;
    throw error;
  }
}

function notInstalled(name: string): string {
  return `the CustomResourceDefinition "${name}" is not installed; install it with \`kubectl apply -f crds/\``;
}

function schemaProblem(name: string, schema: Schema | undefined): string | undefined {
  const missing = NEEDED_FIELDS.filter((path) => !keeps(schema, path));
  if (missing.length === 0) return undefined;
  const fields = missing.map((path) => path.join('.')).join(', ');
  return (
    `the installed CustomResourceDefinition "${name}" does not know ${fields} and the API server would drop them; ` +
    "apply Linnet's (`kubectl apply -f crds/`): it holds every field of Argo Rollouts' and objects stay as they are"
  );
}

/** As the CRD itself, but from the OpenAPI document, which everybody may read: for a controller of one namespace. */
async function publishedProblem(name: string, transport: KubeTransport): Promise<string | undefined> {
  const path = `/openapi/v3/apis/${ROLLOUTS.group}/${ROLLOUTS.version}`;
  const { status, body } = await transport.request({ method: 'GET', path });
  if (status === 404) return notInstalled(name);
  if (status !== 200) return undefined;
  const { components } = JSON.parse(body) as { components?: { schemas?: Readonly<Record<string, PublishedSchema>> } };
  const published = Object.values(components?.schemas ?? {}).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      ({ group, kind }) => group === ROLLOUTS.group && kind === ROLLOUTS.kind,
    ),
  );
  return published === undefined ? notInstalled(name) : schemaProblem(name, published);
}

/** Whether the API server would keep a value at `path`. */
function keeps(schema: Schema | undefined, path: readonly string[]): boolean {
  if (schema === undefined) return false;
  const [field, ...rest] = path;
  if (field === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) return true;
  return keeps((schema.items ?? schema).properties?.[field], rest);
}
