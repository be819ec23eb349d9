import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject, Pod } from '../../api/core-types.ts';
import { namespaceOf, uidOf } from '../../api/object-name.ts';
import type { KubeClient } from '../../kube/client.ts';
import { SERVICE_ACCOUNTS } from '../../kube/resources.ts';

/** Where programs in pods find the API server. */
export interface ApiService {
  readonly host: string;
  readonly port: number;
  /** PEM file of its certificate authority. */
  readonly authority: string;
}

/** What lets a pod's program call the API server as its service account, as the kubelet provides it. */
export interface ApiAccess {
  readonly env: Readonly<Record<string, string>>;
  /** The command, run where the files of the service account are at their usual place. */
  wrap(command: readonly string[]): readonly string[];
}

interface TokenRequest extends KubeObject {
  readonly status?: { readonly token?: string };
}

/**
 * Mounted over /run, which /var/run is, in a mount namespace of the pod's own: the machine's stays as it is. The host's
 * name is the pod's, by which programs tell their replicas apart.
 */
const OWN_NAMESPACES = ['unshare', '--mount', '--uts'];
const SET_UP = [
  'echo "$POD_NAME" > /proc/sys/kernel/hostname',
  'mount -t tmpfs tmpfs /run',
  'mkdir -p /run/secrets/kubernetes.io',
  'cp -r "$0" /run/secrets/kubernetes.io/serviceaccount',
  'exec "$@"',
].join(' && ');

/** Asks the API server for a token of the pod's service account and lays it out below `folder`. */
export async function apiAccessOf(
  pod: Pod,
  { client, service, folder }: { readonly client: KubeClient; readonly service: ApiService; readonly folder: string },
): Promise<ApiAccess> {
  const key = { namespace: namespaceOf(pod), name: pod.spec?.serviceAccountName ?? 'default' };
  const wanted = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: {} };
  const { status } = await client.createSubresource<TokenRequest>(SERVICE_ACCOUNTS, key, 'token', wanted);
  const files = join(folder, uidOf(pod));
  await mkdir(files, { recursive: true });
  await Promise.all([
    writeFile(join(files, 'token'), status?.token ?? ''),
    writeFile(join(files, 'namespace'), key.namespace),
    writeFile(join(files, 'ca.crt'), await readFile(service.authority)),
  ]);
  return {
    env: { KUBERNETES_SERVICE_HOST: service.host, KUBERNETES_SERVICE_PORT: String(service.port) },
    wrap: (command) => [...OWN_NAMESPACES, 'sh', '-ec', SET_UP, files, ...command],
  };
}
