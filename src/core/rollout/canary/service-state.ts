import type { Service } from '../../../api/core-types.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../../../api/keys.ts';
import type { ServiceReach } from '../../../api/rollout-status.ts';
import type { EpochMs } from '../../../api/time.ts';
import type { Facts } from '../facts.ts';
import { momentOf, nextSecond, notAhead, timestamp } from '../moments.ts';

/** One of the two Services: which version it selects, and which pods its endpoints really are. */
export interface ServiceState {
  readonly name: string;
  readonly resourceVersion: string;
  /** The hash in its selector; undefined while it selects pods of every version. */
  readonly selectedHash: string | undefined;
  /** Whether a Rollout already switched it once. */
  readonly managed: boolean;
  /** Ready endpoints by version. */
  readonly readyByHash: ReadonlyMap<string, number>;
  /** Ready endpoints in all. */
  readonly ready: number;
  /** Present while the endpoints are pods of the selected version alone. */
  readonly reach: Reach | undefined;
}

/** The endpoints are pods of one version alone. */
interface Reach {
  readonly hash: string;
  /** Since when they are pods of no other version. */
  readonly since: EpochMs;
  readonly ready: number;
  /** Since when they are so many. */
  readonly readySince: EpochMs;
}

/** Undefined when the spec names no such Service, or it does not exist. */
export function observeService(
  facts: Facts,
  name: string | undefined,
  recorded: ServiceReach | undefined,
): ServiceState | undefined {
  const service = name === undefined ? undefined : facts.observed.services.get(name);
  if (name === undefined || service === undefined) return undefined;
  const endpoints = facts.observed.endpoints.get(name);
  const readyByHash = endpoints?.readyByHash ?? new Map<string, number>();
  const ready = [...readyByHash.values()].reduce((sum, count) => sum + count, endpoints?.readyForeign ?? 0);
  const selectedHash = selectedHashOf(service);
  return {
    name,
    resourceVersion: service.metadata.resourceVersion ?? '',
    selectedHash,
    managed: service.metadata.annotations?.[MANAGED_BY_ANNOTATION] !== undefined,
    readyByHash,
    ready,
    reach: reachOf(selectedHash, readyByHash, ready, recorded, facts.now),
  };
}

function selectedHashOf(service: Service): string | undefined {
  const hash = service.spec?.selector?.[POD_TEMPLATE_HASH_LABEL];
  return hash === '' ? undefined : hash;
}

/** The name of a Service that selects the version, whoever it belongs to: its pods may be in use. */
export function serviceSelecting({ observed }: Facts, hash: string | undefined): string | undefined {
  if (hash === undefined) return undefined;
  return [...observed.services].find(([, service]) => selectedHashOf(service) === hash)?.[0];
}

/** A Service that belongs to somebody else is looked at again after so long: its changes cause no pass. */
export const FOREIGN_SERVICE_POLL_MS = 30_000;

function reachOf(
  hash: string | undefined,
  readyByHash: ReadonlyMap<string, number>,
  total: number,
  recorded: ServiceReach | undefined,
  now: EpochMs,
): Reach | undefined {
  if (hash === undefined || total === 0) return undefined;
  const ready = readyByHash.get(hash) ?? 0;
  if (ready !== total) return undefined;
  const before = recorded?.podTemplateHash === hash ? recorded : undefined;
  const hasGrown = before === undefined || ready > before.ready;
  return {
    hash,
    since: notAhead(momentOf(before?.since), nextSecond(now)),
    ready,
    readySince: notAhead(hasGrown ? undefined : momentOf(before.readySince), nextSecond(now)),
  };
}

export function recordReach(service: ServiceState | undefined): ServiceReach | undefined {
  const reach = service?.reach;
  return (
    reach && {
      podTemplateHash: reach.hash,
      ready: reach.ready,
      since: timestamp(reach.since),
      readySince: timestamp(reach.readySince),
    }
  );
}

/** Ready endpoints of one version. */
export function readyPods(service: ServiceState | undefined, hash: string | undefined): number {
  return hash === undefined ? 0 : (service?.readyByHash.get(hash) ?? 0);
}

/**
 * Since when a data plane that lags `propagationMs` behind the EndpointSlices knows `needed` pods of that version, and
 * no others; undefined while they do not say so. May lie ahead.
 */
export function knownSince(
  service: ServiceState | undefined,
  hash: string,
  needed: number,
  propagationMs: number,
): EpochMs | undefined {
  const reach = service?.reach;
  return reach !== undefined && reach.hash === hash && reach.ready >= needed
    ? reach.readySince + propagationMs
    : undefined;
}

/** Since when such a data plane knows that the Service was switched; undefined while other pods are in its endpoints. */
export function switchKnownSince(service: ServiceState | undefined, propagationMs: number): EpochMs | undefined {
  return service?.reach === undefined ? undefined : service.reach.since + propagationMs;
}

/**
 * Until when such a data plane may send users to pods that the Service selected before: infinite while other pods are in
 * its endpoints; undefined when it does not any more.
 */
export function switchOpenUntil(
  service: ServiceState | undefined,
  propagationMs: number,
  now: EpochMs,
): EpochMs | undefined {
  if (service?.selectedHash === undefined || service.ready === 0) return undefined;
  const known = switchKnownSince(service, propagationMs) ?? Number.POSITIVE_INFINITY;
  return known <= now ? undefined : known;
}
