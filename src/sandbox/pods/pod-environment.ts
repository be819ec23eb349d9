import type { ConfigMap, Container, Pod, Secret } from '../../api/core-types.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { ObjectKey } from '../../kube/client.ts';

/** How the environment of a container reads what it refers to; undefined when there is no such object. */
export interface EnvironmentSources {
  configMap(key: ObjectKey): Promise<ConfigMap | undefined>;
  secret(key: ObjectKey): Promise<Secret | undefined>;
}

/** A reference leads nowhere. The pod waits until it does, as the kubelet has it. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly code = 'environment' as const;
}

type EnvVar = NonNullable<Container['env']>[number];
type Values = Readonly<Record<string, string>>;

/**
 * The variables of a container: `envFrom`, then `env`. POD_IP and POD_NAME are always there, because a process in the
 * sandbox has no network of its own from which it could tell its address.
 * @throws EnvironmentError
 */
export async function environmentOf(
  pod: Pod,
  container: Container,
  address: string,
  sources: EnvironmentSources,
): Promise<Values> {
  const values: Record<string, string> = { POD_IP: address, POD_NAME: nameOf(pod) };
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const found =
      configMapRef === undefined
        ? secretRef && (await secretData(pod, secretRef.name ?? '', secretRef.optional, sources))
        : await configMapData(pod, configMapRef.name ?? '', configMapRef.optional, sources);
    for (const [name, value] of Object.entries(found ?? {})) values[`${prefix}${name}`] = value;
  }
  for (const variable of container.env ?? []) {
    const value = await valueOf(pod, variable, address, sources);
    if (value !== undefined) values[variable.name] = expand(value, values);
  }
  return values;
}

async function valueOf(
  pod: Pod,
  { value, valueFrom }: EnvVar,
  address: string,
  sources: EnvironmentSources,
): Promise<string | undefined> {
  if (valueFrom?.fieldRef !== undefined) return fieldOf(pod, valueFrom.fieldRef.fieldPath, address);
  if (valueFrom?.configMapKeyRef !== undefined) {
    const { name = '', key, optional } = valueFrom.configMapKeyRef;
    return keyOf(await configMapData(pod, name, optional, sources), `ConfigMap "${name}"`, key, optional);
  }
  if (valueFrom?.secretKeyRef !== undefined) {
    const { name = '', key, optional } = valueFrom.secretKeyRef;
    return keyOf(await secretData(pod, name, optional, sources), `Secret "${name}"`, key, optional);
  }
  return value ?? '';
}

async function configMapData(
  pod: Pod,
  name: string,
  optional: boolean | undefined,
  sources: EnvironmentSources,
): Promise<Values | undefined> {
  const found = await sources.configMap({ namespace: namespaceOf(pod), name });
  if (found === undefined && optional !== true) throw new EnvironmentError(`configmap "${name}" not found`);
  return found?.data ?? {};
}

async function secretData(
  pod: Pod,
  name: string,
  optional: boolean | undefined,
  sources: EnvironmentSources,
): Promise<Values | undefined> {
  const found = await sources.secret({ namespace: namespaceOf(pod), name });
  if (found === undefined && optional !== true) throw new EnvironmentError(`secret "${name}" not found`);
  const decode = ([key, value]: [string, string]) => [key, Buffer.from(value, 'base64').toString('utf8')];
  return Object.fromEntries(Object.entries(found?.data ?? {}).map(decode));
}

function keyOf(data: Values | undefined, what: string, key: string, optional: boolean | undefined): string | undefined {
  const value = data?.[key];
  if (value === undefined && optional !== true) throw new EnvironmentError(`couldn't find key ${key} in ${what}`);
  return value;
}

function fieldOf(pod: Pod, path: string, address: string): string {
  const [, kind, key = ''] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path) ?? [];
  if (kind === 'labels') return pod.metadata.labels?.[key] ?? '';
  if (kind === 'annotations') return pod.metadata.annotations?.[key] ?? '';
  const fields: Values = {
    'metadata.name': nameOf(pod),
    'metadata.namespace': namespaceOf(pod),
    'metadata.uid': pod.metadata.uid ?? '',
    'spec.nodeName': pod.spec?.nodeName ?? '',
    'spec.serviceAccountName': pod.spec?.serviceAccountName ?? 'default',
    'status.podIP': address,
    'status.podIPs': address,
    'status.hostIP': address,
  };
  const value = fields[path];
  if (value === undefined) throw new EnvironmentError(`the sandbox does not offer field ${path} to containers`);
  return value;
}

/** `$(NAME)` of an earlier variable is replaced, `$$` is a dollar sign, anything else stays as it is. */
export function expand(text: string, values: Values): string {
  return text.replaceAll(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (found, name: string | undefined) =>
    name === undefined ? '$' : (values[name] ?? found),
  );
}
