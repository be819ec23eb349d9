import { readFile } from 'node:fs/promises';
import type { Clock } from '../runtime/clock.ts';
import type { CredentialSource, Credentials, TlsOptions } from './credential-source.ts';
import { type KubeConfigCluster, KubeConfigError, type KubeConfigUser } from './kube-config-file.ts';

/** Projected service account tokens rotate; client-go re-reads them once a minute too. */
const CACHE_MS = 60_000;

/** Keeps credentials for at most a minute and lets concurrent requests share one look-up. */
export function cachedCredentials(clock: Clock, source: CredentialSource): CredentialSource {
  let cached: { readonly at: number; readonly value: Promise<Credentials> } | undefined;
  return {
    get({ fresh = false } = {}) {
      if (cached === undefined || fresh || clock.monotonic() - cached.at >= CACHE_MS) {
        const entry = { at: clock.monotonic(), value: source.get({ fresh }) };
        cached = entry;
        entry.value.catch(() => {
          cached = cached === entry ? undefined : cached;
        });
      }
      return cached.value;
    },
  };
}

/** Credentials of a kubeconfig's user for a cluster; files are read again at every call. */
export function kubeConfigCredentials(
  name: string,
  cluster: KubeConfigCluster,
  user: KubeConfigUser,
): CredentialSource {
  const plugin = user.exec !== undefined || user['auth-provider'] !== undefined ? pluginSource(name, user) : undefined;
  return {
    async get(options) {
      const tls = await tlsOf(cluster, user);
      const headers = await staticHeaders(user);
      const dynamic = await plugin?.get(options);
      return { headers: { ...headers, ...dynamic?.headers }, tls: { ...tls, ...dynamic?.tls } };
    },
  };
}

/** client-node takes 0.4–1 s and 55 MB to import, so that only users who need it pay for it. */
function pluginSource(name: string, user: KubeConfigUser): CredentialSource {
  let source: Promise<CredentialSource> | undefined;
  return {
    async get(options) {
      source ??= import('./credential-plugin.ts').then(({ credentialPlugin }) => credentialPlugin(name, user));
      return (await source).get(options);
    },
  };
}

/** What a pod has: the service account's token and the cluster's CA. */
export function serviceAccountCredentials(directory: string): CredentialSource {
  return {
    async get() {
      const [token, ca] = await Promise.all([readRequired(`${directory}/token`), readRequired(`${directory}/ca.crt`)]);
      return { headers: { authorization: `Bearer ${token.toString().trim()}` }, tls: { ca } };
    },
  };
}

async function staticHeaders(user: KubeConfigUser): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  if (user.username !== undefined) {
    const basic = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
    headers['authorization'] = `Basic ${basic}`;
  }
  if (user.tokenFile !== undefined && user.tokenFile !== '') {
    headers['authorization'] = `Bearer ${(await readRequired(user.tokenFile)).toString().trim()}`;
  } else if (user.token !== undefined && user.token !== '') {
    headers['authorization'] = `Bearer ${user.token}`;
  }
  if (user.as !== undefined && user.as !== '') {
    headers['impersonate-user'] = user.as;
  }
  return headers;
}

async function tlsOf(cluster: KubeConfigCluster, user: KubeConfigUser): Promise<TlsOptions> {
  const [ca, cert, key] = await Promise.all([
    dataOrFile(cluster['certificate-authority-data'], cluster['certificate-authority']),
    dataOrFile(user['client-certificate-data'], user['client-certificate']),
    dataOrFile(user['client-key-data'], user['client-key']),
  ]);
  const servername = cluster['tls-server-name'];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
    ...(servername === undefined || servername === '' ? {} : { servername }),
  };
}

/** Inline data wins over a file, as in client-go. */
async function dataOrFile(data: string | undefined, file: string | undefined): Promise<Buffer | undefined> {
  if (data !== undefined && data !== '') {
    return Buffer.from(data, 'base64');
  }
  return file === undefined || file === '' ? undefined : readRequired(file);
}

async function readRequired(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KubeConfigError(`cannot read ${file}: ${reason}`, { cause });
  }
}
