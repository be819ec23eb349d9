import type { PlanDraft } from './draft.ts';
import { commandIgnored } from './events.ts';
import type { Facts } from './facts.ts';

/** Orders that people gave by setting status fields, sorted out. */
export type Order = 'none' | 'abort' | 'promoteFull';

/**
 * An abort beats a full promotion, in whatever order both arrived between two passes. An abort that was carried out
 * removes the order to promote, so one that is there afterwards was given later, and counts.
 */
export function orderOf({ status }: Facts): Order {
  const abort = status.abort === true;
  const wasCarriedOut = status.abortedAt !== undefined && status.abortedAt !== null;
  if (status.promoteFull === true && (!abort || wasCarriedOut)) return 'promoteFull';
  return abort ? 'abort' : 'none';
}

/** Whether a person took back an abort that was carried out. */
export function isRetry({ status }: Facts): boolean {
  return status.abort !== true && typeof status.abortedAt === 'string';
}

/** An abort that no pass has carried out yet. */
export function isFreshAbort({ status }: Facts): boolean {
  return status.abort === true && typeof status.abortedAt !== 'string';
}

/** Says which orders go without having been carried out: an order must neither vanish silently nor fire later. */
export function tellIgnored(facts: Facts, why: string, draft: PlanDraft): void {
  if (isFreshAbort(facts)) draft.tell(commandIgnored('abort', why));
  if (facts.status.promoteFull === true) draft.tell(commandIgnored('promoteFull', why));
}
