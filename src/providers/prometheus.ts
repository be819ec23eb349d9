import type { Metric } from '../api/analysis.ts';
import type { Outcome } from '../core/analysis/outcome.ts';
import type { HttpClient } from '../net/http-client.ts';
import { createRedactor, type Redact } from '../net/redact.ts';
import type { PrometheusAnswer } from './prometheus-adapter.ts';
import { timeRangeOf } from './prometheus-range.ts';
import { bareAddress, credentialsOf, headersOf, textsOf, timeoutOf } from './prometheus-request.ts';
import type { PrometheusData } from './prometheus-response.ts';
import type { MeasureContext, Provider } from './provider.ts';
import { errorOutcome, ProviderError } from './provider-error.ts';

export interface PrometheusOptions {
  readonly http: HttpClient;
  /** For metrics without an address: `ARGO_ROLLOUTS_PROMETHEUS_ADDRESS` of the controller. */
  readonly defaultAddress?: string | undefined;
}

/** Metadata keys of Argo Rollouts. */
const RESOLVED_QUERY_KEY = 'ResolvedPrometheusQuery';
const WARNINGS_KEY = 'warnings';

/** Measures with PromQL (4.7 of the reference of Argo Rollouts). */
export function createPrometheusProvider(options: PrometheusOptions): Provider {
  return {
    name: 'prometheus',
    describe: ({ provider }) => {
      const query = provider.prometheus?.query ?? '';
      return query === '' ? {} : { [RESOLVED_QUERY_KEY]: query };
    },
    measure: (metric, context) => measure(metric, context, options),
  };
}

async function measure(metric: Metric, context: MeasureContext, options: PrometheusOptions): Promise<Outcome> {
  const config = metric.provider.prometheus ?? {};
  const address = config.address || options.defaultAddress || '';
  const credentials = credentialsOf(config, address);
  const hideCredentials = createRedactor(textsOf(credentials));
  const redact: Redact = (text) => hideCredentials(context.redact(text));
  // Half a second of start-up and 20 MB that only controllers with a Prometheus metric need to spend.
  const { askPrometheus } = await import('./prometheus-adapter.ts');
  try {
    const answer = await askPrometheus(options.http, {
      address: bareAddress(address),
      query: config.query ?? '',
      time: config.rangeQuery === undefined ? context.now : timeRangeOf(config.rangeQuery, context.now),
      headers: headersOf(config, credentials),
      timeoutMs: timeoutOf(config),
      insecure: config.insecure ?? false,
      signal: context.signal,
      redact,
    });
    return outcomeOf(answer, redact);
  } catch (error) {
    if (error instanceof ProviderError) return errorOutcome(error, redact);
    throw error;
  }
}

function outcomeOf({ data, warnings }: PrometheusAnswer, redact: Redact): Outcome {
  const metadata = warnings.length === 0 ? {} : { metadata: { [WARNINGS_KEY]: redact(JSON.stringify(warnings)) } };
  const samples = samplesOf(data);
  const numbers = samples.map(numberOf);
  const [first] = numbers;
  if (data.resultType === 'scalar' && first !== undefined) {
    return { kind: 'value', result: first, value: samples.join(''), ...metadata };
  }
  return { kind: 'value', result: numbers, value: `[${samples.join(',')}]`, ...metadata };
}

/** The numbers of an answer as Prometheus writes them; those of a range one series after the other. */
function samplesOf(data: PrometheusData): string[] {
  switch (data.resultType) {
    case 'scalar':
      return [data.result[1]];
    case 'vector':
      return data.result.map(({ value }) => sampleOf(value));
    case 'matrix':
      return data.result.flatMap(({ values, histograms }) => {
        if (histograms !== undefined) throw histogramError();
        return (values ?? []).map(sampleOf);
      });
    case 'string':
      throw new ProviderError('rejected', 'prometheus: the query yields a string; a metric needs numbers');
  }
}

function sampleOf(sample: readonly [number, string] | undefined): string {
  if (sample === undefined) throw histogramError();
  return sample[1];
}

function histogramError(): ProviderError {
  return new ProviderError(
    'rejected',
    'prometheus: the query yields native histograms; turn them into numbers with histogram_quantile, histogram_avg or histogram_count',
  );
}

function numberOf(text: string): number {
  switch (text) {
    case 'NaN':
      return Number.NaN;
    case '+Inf':
    case 'Inf':
      return Number.POSITIVE_INFINITY;
    case '-Inf':
      return Number.NEGATIVE_INFINITY;
  }
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isNaN(number)) return number;
  throw new ProviderError('unreachable', `prometheus: ${JSON.stringify(text)} in the answer is not a number`);
}
