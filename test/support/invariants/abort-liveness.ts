/** An aborted update behind a router. */
export interface Abort {
  readonly hash: string;
  /** Share of the requests that the aborted version still gets, 0 to 1. */
  readonly share: number;
  /** For how long nothing has kept the controller from acting and the stable version could have carried everything. */
  readonly possibleForMs: number;
  readonly boundMs: number;
}

/** I10, abort liveness: an abort brings the canary's weight to 0 in bounded time, once stable has capacity. */
export function abortLiveness({ hash, share, possibleForMs, boundMs }: Abort): readonly string[] {
  if (share === 0 || possibleForMs <= boundMs) return [];
  return [`${hash} was aborted and gets ${share} of the requests ${possibleForMs} ms later`];
}
