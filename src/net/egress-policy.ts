import { BlockList, isIP } from 'node:net';

/** Decides by IP address, the only thing about a peer that a tenant cannot invent, where requests may go. */
export interface EgressPolicy {
  /** Why a connection to `address` (an IP literal) is refused; undefined when it is allowed. */
  refusal(address: string): string | undefined;
}

/** Ranges in CIDR notation, IPv4 or IPv6. A single address may be written without its prefix length. */
export interface EgressRules {
  readonly deny: readonly string[];
  /** Exceptions to `deny`. */
  readonly allow?: readonly string[];
}

/**
 * Addresses that serve no metrics and hand out cloud credentials, or that name no single peer: denied to everyone, at
 * all times. 169.254.0.0/16, fe80::/10 and fd00:ec2::254 (AWS), 100.100.100.200 (Alibaba), 192.0.0.192 (Oracle) and
 * 168.63.129.16 (Azure) answer with instance metadata.
 */
export const METADATA_RANGES: readonly string[] = [
  '0.0.0.0/8',
  '::/128',
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  '100.100.100.200/32',
  '192.0.0.192/32',
  '168.63.129.16/32',
  '224.0.0.0/4',
  '255.255.255.255/32',
  'ff00::/8',
];

/** Loopback and the private ranges of RFC 1918, RFC 6598 and RFC 4193: where clusters and their neighbours live. */
export const PRIVATE_RANGES: readonly string[] = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fec0::/10',
];

/**
 * For addresses of metrics backends, which normally live inside the cluster or beside the controller: everything but
 * `METADATA_RANGES`.
 */
export const IN_CLUSTER_RULES: EgressRules = { deny: METADATA_RANGES };

/**
 * Builds a policy; throws a plain `Error` that names a malformed range. IPv4 ranges also cover every IPv6 form that
 * carries an IPv4 address (mapped, compatible, NAT64 64:ff9b::/96, 6to4 2002::/16).
 */
export function createEgressPolicy(rules: EgressRules): EgressPolicy {
  const denied = rangesOf(rules.deny);
  const allowed = rangesOf(rules.allow ?? []);
  return {
    refusal(address) {
      // BlockList knows no zone index (fe80::1%eth0) and would let it pass.
      const [bare = ''] = address.split('%');
      const family = isIP(bare);
      if (family === 0) return `${address} is not an IP address`;
      const type = family === 6 ? 'ipv6' : 'ipv4';
      if (!denied.check(bare, type) || allowed.check(bare, type)) return undefined;
      return `address ${address} is denied by the controller's egress policy`;
    },
  };
}

const MAX_PREFIX = { ipv4: 32, ipv6: 128 } as const;

function rangesOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return list;
}

function addRange(list: BlockList, range: string): void {
  const [network = '', length, ...rest] = range.split('/');
  const family = isIP(network);
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const prefix = length === undefined ? MAX_PREFIX[type] : Number(length);
  const valid =
    family !== 0 && rest.length === 0 && Number.isInteger(prefix) && prefix >= 0 && prefix <= MAX_PREFIX[type];
  if (!valid) throw new Error(`egress range "${range}" is not a CIDR such as 10.0.0.0/8 or fd00::/8`);
  list.addSubnet(network, prefix, type);
  if (type === 'ipv6') return;
  for (const [embedded, bits] of embeddings(network, prefix)) list.addSubnet(embedded, bits, 'ipv6');
}

/** The IPv6 ranges through which an IPv4 range can be reached. (BlockList itself covers ::ffff:0:0/96.) */
function embeddings(network: string, prefix: number): readonly (readonly [string, number])[] {
  const [a = 0, b = 0, c = 0, d = 0] = network.split('.').map(Number);
  const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  return [
    [`64:ff9b::${hex}`, 96 + prefix],
    [`2002:${hex}::`, 16 + prefix],
    // The prefix of ::0.0.0.0/8 would take in ::1, which is loopback and has rules of its own.
    ...(a === 0 ? [] : ([[`::${hex}`, 96 + prefix]] as const)),
  ];
}
