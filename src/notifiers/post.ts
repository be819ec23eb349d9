import type { HttpClient, HttpRequest, HttpResponse } from '../net/http-client.ts';
import { HttpError } from '../net/http-error.ts';
import { type Delivery, NotifierError, SEND_TIMEOUT_MS } from './notifier.ts';

/** Longest part of an answer quoted in an error. */
const QUOTED_CHARS = 200;
const TOO_MANY_REQUESTS = 429;
const SERVER_ERRORS = 500;

/**
 * Sends a request and returns its answer, unless that says that the service is not there or has too much to do.
 * @throws NotifierError
 */
export async function exchange(
  http: HttpClient,
  request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'insecure'>,
  { redact, signal }: Delivery,
): Promise<HttpResponse> {
  let response: HttpResponse;
  try {
    response = await http.request({ ...request, timeoutMs: SEND_TIMEOUT_MS, signal });
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new NotifierError(kindOf(error), redact(error.message), { cause: error });
  }
  if (response.status === TOO_MANY_REQUESTS) {
    throw new NotifierError('overloaded', `the service asks for patience (HTTP ${response.status})`, {
      retryAfterMs: retryAfterMs(response),
    });
  }
  if (response.status >= SERVER_ERRORS) {
    throw new NotifierError('unreachable', refusal(response, redact), { retryAfterMs: retryAfterMs(response) });
  }
  return response;
}

/** The answer's status and its beginning. */
export function refusal({ status, body }: HttpResponse, redact: (text: string) => string): string {
  const text = redact(body).replaceAll(/\s+/g, ' ').trim();
  return `the service answered HTTP ${status}${text === '' ? '' : `: ${text.slice(0, QUOTED_CHARS)}`}`;
}

function kindOf(error: HttpError): 'aborted' | 'unreachable' | 'misconfigured' {
  if (error.code === 'aborted') return 'aborted';
  return error.code === 'denied' || error.code === 'bad-request' ? 'misconfigured' : 'unreachable';
}

/** `Retry-After` in seconds, which is how Slack and most others write it. */
function retryAfterMs({ headers }: HttpResponse): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  return /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
