import pRetry from 'p-retry';
import { type PrometheusConnectionOptions, PrometheusDriver } from 'prometheus-query';
import type { EpochMs } from '../api/time.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../net/http-client.ts';
import { HttpError } from '../net/http-error.ts';
import { type PrometheusData, parsePrometheusResponse } from './prometheus-response.ts';
import { ProviderError } from './provider-error.ts';

/** One question to a Prometheus. */
export interface PrometheusQuestion {
  /** Base URL; the paths of the API are appended. */
  readonly address: string;
  readonly query: string;
  readonly time: EpochMs | { readonly start: EpochMs; readonly end: EpochMs; readonly step: string };
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly insecure: boolean;
  readonly signal: AbortSignal;
  /** Hides secrets in what the server said, before it is cut. */
  readonly redact: (text: string) => string;
}

export interface PrometheusAnswer {
  readonly data: PrometheusData;
  readonly warnings: readonly string[];
}

/** Statuses with which proxies and old servers refuse the method POST; the same query then goes as GET. */
const NO_POST: ReadonlySet<number> = new Set([405, 501]);

/**
 * Asks through prometheus-query, which builds the request, while our own client carries it: so there are an abort, a
 * deadline, a size limit, the egress guard and TLS options, and no redirects or proxies from the environment. Answers
 * are read here, since prometheus-query loses the warnings and the status of a failure and breaks on histograms.
 *
 * Rejects with `ProviderError` only; nothing of what prometheus-query rejects with, the credentials of the request
 * among it, is kept.
 */
export async function askPrometheus(http: HttpClient, question: PrometheusQuestion): Promise<PrometheusAnswer> {
  try {
    return await ask(http, question, 'POST');
  } catch (error) {
    if (!(error instanceof ProviderError) || !NO_POST.has(error.httpStatus ?? 0)) throw error;
    return await ask(http, question, 'GET');
  }
}

async function ask(http: HttpClient, question: PrometheusQuestion, method: 'GET' | 'POST'): Promise<PrometheusAnswer> {
  const exchange = new Exchange(http, question);
  const driver = new PrometheusDriver({
    endpoint: question.address,
    headers: { ...question.headers },
    preferPost: method === 'POST',
    requestInterceptor: { onFulfilled: (config) => ({ ...config, adapter: exchange.adapter }) },
  });
  const { query, time } = question;
  const timeout = `${Math.ceil(question.timeoutMs / 1000)}s`;
  await (typeof time === 'number'
    ? driver.instantQuery(query, time, timeout)
    : driver.rangeQuery(query, time.start, time.end, time.step, timeout)
  ).catch(() => {
    // The exchange knows better why than what prometheus-query makes of it.
  });
  return exchange.answer();
}

type Interceptor = NonNullable<PrometheusConnectionOptions['requestInterceptor']>['onFulfilled'];
type RequestConfig = Parameters<Interceptor>[0];
type Adapter = Extract<NonNullable<RequestConfig['adapter']>, (...args: never[]) => unknown>;

/** Carries the one request of a question and remembers what came of it. */
class Exchange {
  readonly #http: HttpClient;
  readonly #question: PrometheusQuestion;
  #answer: PrometheusAnswer | undefined;
  #error: ProviderError = new ProviderError('misconfigured', 'prometheus: the query cannot be sent');

  constructor(http: HttpClient, question: PrometheusQuestion) {
    this.#http = http;
    this.#question = question;
  }

  answer(): PrometheusAnswer {
    if (this.#answer === undefined) throw this.#error;
    return this.#answer;
  }

  /** The part of axios that sends; the empty result keeps prometheus-query from reading the answer itself. */
  readonly adapter: Adapter = async (config) => {
    try {
      const response = await send(this.#http, requestOf(config, this.#question));
      this.#answer = readAnswer(response, this.#question.redact);
    } catch (error) {
      this.#error = toProviderError(error);
    }
    const data = { status: 'success', data: { resultType: 'vector', result: [] } };
    return { data, status: 200, statusText: 'OK', headers: {}, config };
  };
}

/** One quick retry: a pooled connection may have been closed by the other side just when it was used. */
const RECONNECT_AFTER_MS = 50;

async function send(http: HttpClient, request: HttpRequest): Promise<HttpResponse> {
  return await pRetry(() => http.request(request), {
    retries: 1,
    minTimeout: RECONNECT_AFTER_MS,
    shouldRetry: ({ error }) => error instanceof HttpError && error.code === 'connection',
  });
}

function requestOf(config: RequestConfig, question: PrometheusQuestion): HttpRequest {
  const query = String(config.params ?? '');
  const body: unknown = config.data;
  const isPost = config.method?.toUpperCase() === 'POST';
  return {
    method: isPost ? 'POST' : 'GET',
    url: `${config.baseURL ?? ''}${config.url ?? ''}${query === '' ? '' : `?${query}`}`,
    headers: headersOf(config),
    ...(isPost && typeof body === 'string' ? { body } : {}),
    timeoutMs: question.timeoutMs,
    insecure: question.insecure,
    signal: question.signal,
  };
}

function headersOf(config: RequestConfig): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers.toJSON())) {
    if (typeof value === 'string') headers[name.toLowerCase()] = value;
  }
  return headers;
}

function readAnswer({ status, headers, body }: HttpResponse, redact: (text: string) => string): PrometheusAnswer {
  const response = parsePrometheusResponse(body);
  if (response?.status === 'success' && status < 300) {
    return { data: response.data, warnings: [...(response.warnings ?? []), ...(response.infos ?? [])] };
  }
  const said =
    response?.status === 'error' ? `${response.errorType ?? 'error'}: ${response.error}` : excerptOf(redact(body));
  throw new ProviderError(kindOf(status, response?.status === 'error'), `prometheus: ${reasonOf(status)}: ${said}`, {
    httpStatus: status,
    retryAfterMs: retryAfterOf(headers['retry-after']),
  });
}

/** 400 is a query that does not parse, 422 one that cannot be executed; a proxy's own 400 carries no JSON of the API. */
function kindOf(status: number, fromPrometheus: boolean): ProviderError['kind'] {
  if (status === 429 || status === 503) return 'overloaded';
  return (status === 400 || status === 422) && fromPrometheus ? 'rejected' : 'unreachable';
}

function reasonOf(status: number): string {
  if (status >= 300 && status < 400) return `answered with a redirect (HTTP ${status}), which is not followed`;
  return status < 300 ? 'the answer is not one of the Prometheus API' : `answered HTTP ${status}`;
}

/** As much of a foreign answer, such as a login page, as shows what it is. */
const EXCERPT_LENGTH = 200;

function excerptOf(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  if (line === '') return 'empty answer';
  return JSON.stringify(line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH)}…` : line);
}

/** `Retry-After` in its form of seconds. Its other form, a date, is not used by metrics services and would need their clock. */
function retryAfterOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : undefined;
}

function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  if (!(error instanceof HttpError)) {
    // Only a header or address that cannot be sent at all gets here; its text would quote the value.
    return new ProviderError('misconfigured', 'prometheus: the request cannot be sent; check address and headers');
  }
  const message = `prometheus: ${error.message}`;
  switch (error.code) {
    case 'aborted':
      return new ProviderError('aborted', message);
    case 'bad-request':
    case 'denied':
      return new ProviderError('misconfigured', message);
    case 'connection':
    case 'dns':
    case 'encoding':
    case 'timeout':
    case 'tls':
    case 'too-large':
      return new ProviderError('unreachable', message, { cause: error });
  }
}
