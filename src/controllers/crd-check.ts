import type { KubeObject } from '../api/core-types.ts';
import { ApiError, isForbidden, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, ROLLOUTS } from '../kube/resources.ts';

/**
 * Fields of Linnet's own CRD that it cannot work without. The API server prunes what a CRD does not know, so on another
 * CRD (Argo Rollouts', say, whose own fields are all in ours) every wait would begin again with every pass.
 */
const NEEDED_FIELDS: readonly (readonly string[])[] = [
  ['status', 'canary', 'reach'],
  ['status', 'canary', 'weights', 'inEffectSince'],
];

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
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
export async function crdProblem(client: KubeClient): Promise<string | undefined> {
  const name = `${ROLLOUTS.plural}.${ROLLOUTS.group}`;
  try {
    const crd = await client.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
    const schema = crd.spec?.versions?.find((version) => version.name === ROLLOUTS.version)?.schema?.openAPIV3Schema;
    const missing = NEEDED_FIELDS.filter((path) => !keeps(schema, path));
    if (missing.length === 0) return undefined;
    const fields = missing.map((path) => path.join('.')).join(', ');
    return (
      `the installed CustomResourceDefinition "${name}" does not know ${fields} and the API server would drop them; ` +
      "apply Linnet's (`kubectl apply -f crds/`): it holds every field of Argo Rollouts' and objects stay as they are"
    );
  } catch (error) {
    if (isForbidden(error)) return undefined;
    if (isNotFound(error)) {
      return `the CustomResourceDefinition "${name}" is not installed; install it with \`kubectl apply -f crds/\``;
    }
    if (error instanceof ApiError) return `cannot read CustomResourceDefinition "${name}": ${error.serverMessage}`;
    throw error;
  }
}

/** Whether the API server would keep a value at `path`. */
function keeps(schema: Schema | undefined, path: readonly string[]): boolean {
  if (schema === undefined) return false;
  const [field, ...rest] = path;
  if (field === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) return true;
  return keeps(schema.properties?.[field], rest);
}
