import type { KubeTransport } from '../kube/transport.ts';

/** Kubernetes 1.22 is the first that serves every API that the controller calls; evictions by policy/v1 came last. */
const MINIMUM_MINOR = 22;

/**
 * Why the API server is too old, with the remedy; undefined when it is not, or does not say. Rejects when it does not
 * answer.
 */
export async function serverProblem(transport: KubeTransport): Promise<string | undefined> {
  const { status, body } = await transport.request({ method: 'GET', path: '/version' });
  if (status !== 200) return undefined;
  const { major, minor, gitVersion } = versionIn(body);
  // Providers append a sign: "24+".
  const number = Number.parseInt(minor ?? '', 10);
  if (major !== '1' || Number.isNaN(number) || number >= MINIMUM_MINOR) return undefined;
  return (
    `the API server is Kubernetes ${gitVersion ?? `1.${number}`}, which lacks APIs that Linnet calls; ` +
    `upgrade the cluster to 1.${MINIMUM_MINOR} or later`
  );
}

interface ServerVersion {
  readonly major?: string;
  readonly minor?: string;
  readonly gitVersion?: string;
}

function versionIn(body: string): ServerVersion {
  try {
    return JSON.parse(body) as ServerVersion;
  } catch {
    return {};
  }
}
