import * as z from 'zod';
import { jobSpecSchema } from './job-spec.ts';
import { labelsAndAnnotationsSchema } from './metadata.ts';
import {
  closedWord,
  flag,
  freeObject,
  type Infer,
  int64,
  intOrString,
  list,
  mapOf,
  optional,
  serverDefault,
  stringMap,
  struct,
  text,
  word,
} from './schema.ts';

/** Where a metric is measured. Exactly one provider is set. */

const httpHeader = struct({ key: text(), value: text() }, {});

/** How to authenticate to Prometheus or a web endpoint. */
const authenticationSchema = optional({
  sigv4: optional({ region: text(), profile: text(), roleArn: text() }).describe('AWS signature version 4.'),
  oauth2: optional({
    tokenUrl: text(),
    clientId: text(),
    clientSecret: text(),
    scopes: list(text()),
  }).describe('OAuth 2 client credentials.'),
  basicAuth: optional({ username: text(), password: text() }).describe('User name and password.'),
});
export type Authentication = Infer<typeof authenticationSchema>;

const prometheusMetricSchema = optional({
  address: text('Base URL, e.g. http://prometheus.monitoring:9090.'),
  query: text('PromQL. A vector is given to conditions as a list of numbers.'),
  timeout: int64('Seconds to wait for an answer. Default: 30.'),
  insecure: flag('Accept any TLS certificate.'),
  headers: list(httpHeader, 'Headers to send.'),
  authentication: authenticationSchema,
  rangeQuery: optional({
    start: text('Expression for the first moment, e.g. now() - duration("1h").'),
    end: text('Expression for the last moment.'),
    step: text('Distance between points, e.g. 1m.'),
  }).describe('Ask for a range instead of one moment.'),
});
export type PrometheusMetric = Infer<typeof prometheusMetricSchema>;

const webMetricSchema = struct(
  { url: text() },
  {
    method: word(['GET', 'POST', 'PUT'], 'Default: GET.'),
    headers: list(httpHeader),
    body: text('Body of the request.'),
    jsonBody: freeObject('Body of the request as JSON, instead of body.'),
    timeoutSeconds: int64('Default: 10.'),
    jsonPath: text('Which part of the answer is the result. Default: {$}.'),
    insecure: flag('Accept any TLS certificate.'),
    authentication: authenticationSchema,
  },
);
export type WebMetric = Infer<typeof webMetricSchema>;

const datadog = optional({
  query: text(),
  queries: stringMap('Queries by name, for apiVersion v2.'),
  formula: text('Combines queries.'),
  interval: serverDefault(text('How far to look back.'), '5m'),
  apiVersion: serverDefault(closedWord(['v1', 'v2'], 'Version of the Datadog API.'), 'v1'),
  aggregator: closedWord(
    ['avg', 'min', 'max', 'sum', 'last', 'percentile', 'mean', 'l2norm', 'area'],
    'Turns points into one number, for apiVersion v2. Default: last.',
  ),
  requestTimeout: serverDefault(text('How long to wait for an answer.'), '10s'),
  secretRef: optional({ name: text(), namespaced: flag('Look in the namespace of the AnalysisRun.') }),
});

const dimension = optional({ name: text(), value: text() });
const cloudWatchQuery = optional({
  id: text(),
  expression: text(),
  label: text(),
  metricStat: optional({
    metric: optional({ dimensions: list(dimension), metricName: text(), namespace: text() }),
    period: intOrString(),
    stat: text(),
    unit: text(),
  }),
  period: intOrString(),
  returnData: flag(),
});

const kayentaScope = struct({ scope: text(), region: text(), step: int64() }, { start: text(), end: text() });
const kayenta = struct(
  {
    address: text(),
    application: text(),
    canaryConfigName: text(),
    metricsAccountName: text(),
    configurationAccountName: text(),
    storageAccountName: text(),
    threshold: struct({ pass: int64(), marginal: int64() }, {}),
    scopes: list(struct({ name: text(), controlScope: kayentaScope, experimentScope: kayentaScope }, {})),
  },
  { lookback: flag() },
);

/** A provider: exactly one field is set. */
export const metricProviderSchema = optional({
  prometheus: prometheusMetricSchema.describe('PromQL.'),
  web: webMetricSchema.describe('Any HTTP endpoint that answers JSON.'),
  job: struct({ spec: jobSpecSchema }, { metadata: labelsAndAnnotationsSchema }).describe(
    'A Kubernetes Job: success is success.',
  ),
  datadog: datadog.describe('Datadog.'),
  newRelic: struct(
    { query: text('NRQL.') },
    { profile: text('Name of the Secret. Default: newrelic.'), timeout: int64('Seconds. Default: 5.') },
  ).describe('New Relic.'),
  wavefront: optional({ address: text(), query: text() }).describe('Wavefront.'),
  graphite: optional({ address: text(), query: text() }).describe('Graphite.'),
  influxdb: optional({ profile: text('Name of the Secret. Default: influxdb.'), query: text('Flux.') }).describe(
    'InfluxDB.',
  ),
  cloudWatch: struct({ metricDataQueries: list(cloudWatchQuery) }, { interval: text('Default: 5m.') }).describe(
    'Amazon CloudWatch.',
  ),
  skywalking: optional({ address: text(), query: text(), interval: text('Default: 5m.') }).describe(
    'Apache SkyWalking.',
  ),
  kayenta: kayenta.describe('Spinnaker Kayenta.'),
  plugin: mapOf(z.unknown(), 'Configuration of a metric plugin, by its name.'),
});
export type MetricProvider = Infer<typeof metricProviderSchema>;
/** Name of a provider as it is spelt in `provider`. */
export type MetricProviderName = keyof MetricProvider;
