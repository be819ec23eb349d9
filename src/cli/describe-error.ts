import { ApiError, isForbidden, TransportError } from '../kube/api-error.ts';
import { CliError } from './cli-error.ts';

/** What standard error says about a failure: `error: …` and, on a second line, what to do about it. */
export function describeError(error: unknown): string {
  const message = messageOf(error);
  const hint = hintOf(error);
  return `error: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`;
}

function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.serverMessage;
  return error instanceof Error ? error.message : String(error);
}

function hintOf(error: unknown): string | undefined {
  if (error instanceof CliError) return error.hint;
  if (error instanceof TransportError && error.code === 'connection') {
    return 'is the API server reachable? `kubectl cluster-info` and -v 6 tell more';
  }
  if (error instanceof ApiError && error.status === 401) return 'the credentials of this context were refused';
  if (isForbidden(error)) return 'ask for the permission, or choose another --context';
  return undefined;
}
