import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import type { CredentialSource } from './credential-source.ts';
import { cachedCredentials, kubeConfigCredentials, serviceAccountCredentials } from './credentials.ts';
import { KubeConfigError, type MergedKubeConfig, readKubeConfigFiles } from './kube-config-file.ts';

/** Where the kubelet puts a pod's service account. */
const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How to reach one API server. */
export interface ClusterConnection {
  /** Base URL without a trailing slash. */
  readonly server: string;
  /** Namespace of the context, or of the service account. */
  readonly namespace: string | undefined;
  /** `proxy-url` of the cluster; without it the proxy variables of the environment count. */
  readonly proxyUrl: string | undefined;
  /** For people: `context "prod" of /home/me/.kube/config`, `service account of this pod`. */
  readonly origin: string;
  readonly credentials: CredentialSource;
}

export interface ConnectionChoice {
  /** Value of `--kubeconfig`. */
  readonly kubeconfig?: string;
  /** Value of `--context`. */
  readonly context?: string;
}

/** What of the machine the choice depends on. */
export interface ConnectionEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly serviceAccountDirectory?: string;
}

/**
 * Finds the cluster as client-go does: `--kubeconfig`, then the files of `$KUBECONFIG`, then `~/.kube/config`, then the
 * service account of the pod. Rejects with `KubeConfigError`.
 */
export async function loadConnection(
  clock: Clock,
  choice: ConnectionChoice,
  { env, serviceAccountDirectory = SERVICE_ACCOUNT_DIRECTORY }: ConnectionEnvironment,
): Promise<ClusterConnection> {
  const files = await kubeConfigFiles(choice, env);
  if (files.length > 0) {
    return fromKubeConfig(clock, await readKubeConfigFiles(files), choice.context);
  }
  const inCluster = await fromServiceAccount(clock, env, serviceAccountDirectory);
  if (inCluster === undefined) {
    throw new KubeConfigError(
      'no cluster is configured: give --kubeconfig, set KUBECONFIG, create ~/.kube/config, or run inside a pod',
    );
  }
  return inCluster;
}

/** The files that the choice means, as far as they exist; one that was named explicitly is taken at its word. */
export async function kubeConfigFiles(choice: ConnectionChoice, env: ConnectionEnvironment['env']): Promise<string[]> {
  if (choice.kubeconfig !== undefined && choice.kubeconfig !== '') {
    return [choice.kubeconfig];
  }
  const variable = env['KUBECONFIG'];
  const candidates =
    variable !== undefined && variable !== ''
      ? variable.split(delimiter).filter((file) => file !== '')
      : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
  const present = await Promise.all(candidates.map(exists));
  return candidates.filter((_, index) => present[index]);
}

function fromKubeConfig(clock: Clock, config: MergedKubeConfig, wanted: string | undefined): ClusterConnection {
  const where = config.files.join(', ');
  const contextName = wanted ?? config.currentContext;
  if (contextName === undefined || contextName === '') {
    throw new KubeConfigError(`kubeconfig ${where} has no current-context: set one or give --context`);
  }
  const context = lookUp(config.contexts, contextName, 'context', where);
  const cluster = lookUp(config.clusters, context.cluster, `context "${contextName}": cluster`, where);
  const userName = context.user ?? '';
  const user = userName === '' ? {} : lookUp(config.users, userName, `context "${contextName}": user`, where);
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: context.namespace,
    proxyUrl: cluster['proxy-url'],
    origin: `context "${contextName}" of ${where}`,
    credentials: cachedCredentials(clock, kubeConfigCredentials(userName, cluster, user)),
  };
}

function lookUp<T>(entries: ReadonlyMap<string, T>, name: string, what: string, where: string): T {
  const entry = entries.get(name);
  if (entry === undefined) {
    const known = entries.size === 0 ? 'it names none' : `it names ${[...entries.keys()].join(', ')}`;
    throw new KubeConfigError(`${what} "${name}" is not in kubeconfig ${where}: ${known}`);
  }
  return entry;
}

async function fromServiceAccount(
  clock: Clock,
  env: ConnectionEnvironment['env'],
  directory: string,
): Promise<ClusterConnection | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || host === '' || port === undefined || port === '' || !(await exists(`${directory}/token`))) {
    return undefined;
  }
  const namespace = await readFile(`${directory}/namespace`, 'utf8').catch(() => undefined);
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: namespace?.trim(),
    proxyUrl: undefined,
    origin: 'the service account of this pod',
    credentials: cachedCredentials(clock, serviceAccountCredentials(directory)),
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
