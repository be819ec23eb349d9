import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * A real API server accepts no pod address of 127.0.0.0/8, so the real control plane and everything around it live in a
 * network namespace of their own. There any address of the pods' network can be listened on, and nothing leaves the
 * machine.
 */
export const POD_NETWORK = '10.244';
export const SERVICE_NETWORK = '10.96';
/** Address of the Service `default/kubernetes`, where programs in pods look for the API server. */
export const KUBERNETES_SERVICE = `${SERVICE_NETWORK}.0.1`;
/** What the API server says its address is; it refuses a loopback address. */
export const ADVERTISED = '192.168.77.1';

/** Set in a process that runs inside. */
const MARK = 'LINNET_NETWORK_NAMESPACE';

/** Whether this process runs in a namespace that `inNamespace` made. */
export function isInNamespace(): boolean {
  return process.env[MARK] === '1';
}

/** What keeps this machine from making a network namespace, in one line; undefined when nothing does. */
export function namespaceObstacle(): string | undefined {
  if (process.platform !== 'linux') return `network namespaces need Linux, and this is ${process.platform}`;
  const { status } = spawnSync('unshare', [...unshareFlags(), ...SET_UP], { stdio: 'ignore' });
  return status === 0
    ? undefined
    : 'a network namespace cannot be made here: it needs root or user namespaces, and the programs `unshare`, `mount` (util-linux) and `ip` (iproute2)';
}

/**
 * A command that runs `command` inside a new, ready network namespace. /etc/hosts there is a copy, so that a name may be
 * given to an address of the namespace by writing to it.
 */
export function inNamespace(command: readonly string[]): readonly string[] {
  return ['unshare', ...unshareFlags(), 'env', `${MARK}=1`, ...SET_UP, ...command];
}

const IP = existsSync('/usr/sbin/ip') ? '/usr/sbin/ip' : 'ip';
const SET_UP = [
  'sh',
  '-ec',
  [
    `${IP} link set lo up`,
    `${IP} route add local ${POD_NETWORK}.0.0/16 dev lo`,
    `${IP} addr add ${KUBERNETES_SERVICE}/32 dev lo`,
    `${IP} addr add ${ADVERTISED}/32 dev lo`,
    // The mount keeps the file when its name is gone.
    'hosts=$(mktemp) && cp /etc/hosts "$hosts" && mount --bind "$hosts" /etc/hosts && rm "$hosts"',
    'exec "$@"',
  ].join('\n'),
  'in-namespace',
];

/** Without root, a user namespace gives the right to make a network namespace. */
function unshareFlags(): readonly string[] {
  return ['--net', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];
}
