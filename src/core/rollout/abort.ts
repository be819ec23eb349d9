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
