/** A route that cannot carry an intent; the message names object, field, reason and remedy. */
export class RouteError extends Error {
  override readonly name = 'RouteError';
}
