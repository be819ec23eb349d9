import type { HttpClient, HttpResponse } from '../../src/net/http-client.ts';
import { HttpError } from '../../src/net/http-error.ts';
import { askPrometheus } from '../../src/providers/prometheus-adapter.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';

/** An answer as it goes over the wire, after a while. */
export interface WireAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly afterMs?: number;
}

/** What a query gets: the samples of an instant vector, anything else that a server may say, or a broken exchange. */
export type PrometheusAnswer = readonly string[] | WireAnswer | Error;
export type PrometheusFunction = (query: string) => PrometheusAnswer;

/** A Prometheus that is a function. Deadlines of the caller hold, by the clock. */
export function stubPrometheus(clock: Clock, answer: PrometheusFunction): HttpClient {
  return {
    request: async ({ url, body, timeoutMs, signal }) => {
      const query = new URLSearchParams(body ?? new URL(url).search).get('query') ?? '';
      const said = answer(query);
      if (said instanceof Error) throw said;
      if (!('status' in said)) return vector(clock, said);
      const { afterMs = 0 } = said;
      if (afterMs > 0) await clock.sleep(Math.min(afterMs, timeoutMs), signal);
      if (afterMs > timeoutMs) throw new HttpError('timeout', `${new URL(url).host}: no answer within ${timeoutMs} ms`);
      return { status: said.status, headers: said.headers ?? {}, body: said.body };
    },
    close: () => Promise.resolve(),
  };
}

function vector(clock: Clock, samples: readonly string[]): HttpResponse {
  const result = samples.map((value) => ({ metric: {}, value: [clock.now() / 1000, value] }));
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }),
  };
}

// The first question of a process loads prometheus-query, in real time, while virtual clocks run on: it is asked here.
await askPrometheus(
  stubPrometheus(new VirtualClock(), () => []),
  {
    address: 'http://prometheus',
    query: '1',
    time: 0,
    headers: {},
    timeoutMs: 1_000,
    insecure: false,
    signal: new AbortController().signal,
    redact: (text) => text,
  },
);
