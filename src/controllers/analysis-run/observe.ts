import type { AnalysisRun } from '../../api/analysis.ts';
import type { Secret } from '../../api/core-types.ts';
import { namespaceOf } from '../../api/object-name.ts';
import { secretArguments } from '../../core/analysis/args.ts';
import { isForbidden } from '../../kube/api-error.ts';
import type { KubeReader } from '../../kube/client.ts';
import { SECRETS } from '../../kube/resources.ts';

/** The secret arguments of a run, read just now. */
export interface SecretValues {
  /** By argument name. */
  readonly values: ReadonlyMap<string, string>;
  /** Why some have no value, in the words of Argo Rollouts. */
  readonly problems: readonly string[];
}

/**
 * Reads the Secrets that the arguments of a run name, from the run's own namespace. Rejects when the API server does
 * not answer; a Secret or key that is missing or may not be read is a problem.
 */
export async function readSecretArguments(run: AnalysisRun, reader: KubeReader): Promise<SecretValues> {
  const values = new Map<string, string>();
  const problems: string[] = [];
  const wanted = Map.groupBy(secretArguments(run.spec.args ?? []), ({ secret }) => secret);
  for (const [name, references] of wanted) {
    const secret = await findSecret(reader, { namespace: namespaceOf(run), name });
    if (typeof secret === 'string') problems.push(secret);
    else for (const { argument, key } of references) readKey(secret, name, key, argument, values, problems);
  }
  return { values, problems };
}

/** The Secret, or why there is none to be had. */
async function findSecret(
  reader: KubeReader,
  key: { readonly namespace: string; readonly name: string },
): Promise<Secret | string> {
  try {
    return (await reader.find<Secret>(SECRETS, key)) ?? `secrets "${key.name}" not found`;
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return `secrets "${key.name}" is forbidden: grant the controller "get" on it in namespace "${key.namespace}"`;
  }
}

function readKey(
  secret: Secret,
  name: string,
  key: string,
  argument: string,
  values: Map<string, string>,
  problems: string[],
): void {
  const encoded = new Map(Object.entries(secret.data ?? {})).get(key);
  if (encoded === undefined) problems.push(`key '${key}' does not exist in secret '${name}'`);
  else values.set(argument, Buffer.from(encoded, 'base64').toString('utf8'));
}
