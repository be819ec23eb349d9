import type { ServerResponse } from 'node:http';
import { createPrometheusProvider } from '../../src/providers/prometheus.ts';
import { describeProvider } from './provider.suite.ts';

const PASSWORD = 'correct horse battery staple';

const json = (body: object, status = 200) => {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
};

const vector = (...values: readonly string[]) =>
  json({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1_700_000_000.1, value] })) },
  });

describeProvider({
  name: 'prometheus',
  create: (http) => createPrometheusProvider({ http }),
  metric: (address, timeout) => ({
    name: 'success-rate',
    provider: {
      prometheus: {
        address,
        query: 'sum(rate(ok[1m])) / sum(rate(all[1m]))',
        timeout,
        authentication: { basicAuth: { username: 'linnet', password: PASSWORD } },
      },
    },
  }),
  credential: PASSWORD,
  answers: {
    value: (value) => vector(String(value)),
    noData: vector(),
    notANumber: vector('NaN'),
    mistake: (text) => json({ status: 'error', errorType: 'bad_data', error: text }, 400),
  },
});
