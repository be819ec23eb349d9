import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { EgressPolicy } from './egress-policy.ts';
import { HttpError } from './http-error.ts';

/** Resolves a host name to all its addresses; replaceable so that tests can play a lying name server. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface GuardOptions {
  readonly policy: EgressPolicy;
  /** Accepts any server certificate: the `insecure` field of a metric. */
  readonly insecure: boolean;
  readonly connectTimeoutMs: number;
  readonly resolve?: Resolve;
}

/**
 * A connector that asks the policy about the very address it is going to connect to, so that a name that changes its
 * answer between check and use (DNS rebinding) gains nothing. Literals are checked here because Node calls no `lookup`
 * for them; names are checked in `lookup`. One denied address refuses the whole name: a name that resolves to both an
 * allowed and a denied address is an attack or a mistake.
 */
export function guardedConnector(options: GuardOptions): buildConnector.connector {
  const connect = buildConnector({
    rejectUnauthorized: !options.insecure,
    timeout: options.connectTimeoutMs,
    allowH2: false,
    keepAlive: true,
    lookup: guardedLookup(options.policy, options.resolve ?? dnsLookup),
  });
  return (target, callback) => {
    const literal = target.hostname.replace(/^\[|\]$/g, '');
    const refusal = isIP(literal) === 0 ? undefined : options.policy.refusal(literal);
    if (refusal === undefined) connect(target, callback);
    else callback(new HttpError('denied', refusal), null);
  };
}

function guardedLookup(policy: EgressPolicy, resolve: Resolve): LookupFunction {
  return (hostname, lookupOptions, callback) => {
    resolve(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      for (const { address } of addresses) {
        const refusal = policy.refusal(address);
        if (refusal !== undefined) return callback(new HttpError('denied', `${hostname}: ${refusal}`), '', 0);
      }
      const [first] = addresses;
      if (first === undefined) return callback(new HttpError('dns', `${hostname} has no address`), '', 0);
      if (lookupOptions.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
