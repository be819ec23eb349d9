import { metricProviderSchema } from './metric-provider.ts';
import { type Infer, intOrString, struct, text } from './schema.ts';

/** One thing to measure, how often, and how to judge it. Limits may be `{{args.x}}`, hence int-or-string. */
export const metricSchema = struct(
  {
    name: text('Unique within the analysis.'),
    provider: metricProviderSchema.describe('Where it is measured. Exactly one field.'),
  },
  {
    interval: text('Time between measurements, e.g. 1m.'),
    initialDelay: text('Time before the first measurement.'),
    count: intOrString('How many measurements. Default: 1 without interval, endless with one.'),
    successCondition: text('Expression over result that must be true, e.g. result[0] >= 0.95.'),
    failureCondition: text('Expression over result that must not be true.'),
    failureLimit: intOrString('How many failures are tolerated. Default: 0; -1: any.'),
    inconclusiveLimit: intOrString('How many inconclusive measurements are tolerated. Default: 0.'),
    consecutiveErrorLimit: intOrString('How many errors in a row are tolerated. Default: 4.'),
    consecutiveSuccessLimit: intOrString('How many successes in a row end the metric. Default: 0, off.'),
  },
);
export type Metric = Infer<typeof metricSchema>;
