import { type ApiError, isForbidden, isNotFound } from './api-error.ts';
import { type Resource, ROLLOUTS } from './resources.ts';

/** Why a collection cannot be read, and what to do about it. */
export function explainRefusal({ plural, group }: Pick<Resource, 'plural' | 'group'>, error: ApiError): string {
  return `cannot read ${group === '' ? plural : `${plural}.${group}`}: ${error.serverMessage}; ${remedyFor(group, error)}`;
}

function remedyFor(group: string, error: ApiError): string {
  if (isForbidden(error)) return 'grant the controller "list" and "watch" on them (its rules are in deploy/)';
  if (!isNotFound(error)) return "check the controller's credentials";
  return group === ROLLOUTS.group
    ? 'install the CRDs with `kubectl apply -f crds/`'
    : 'this API server is too old to serve them';
}
