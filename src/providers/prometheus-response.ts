import * as z from 'zod';

/** Unix seconds, and the number as Prometheus writes it. */
const sampleSchema = z.tuple([z.number(), z.string()]);

const vectorItemSchema = z.looseObject({ value: sampleSchema.optional(), histogram: z.unknown().optional() });
const matrixItemSchema = z.looseObject({
  values: z.array(sampleSchema).optional(),
  histograms: z.unknown().optional(),
});

const dataSchema = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('scalar'), result: sampleSchema }),
  z.object({ resultType: z.literal('string'), result: sampleSchema }),
  z.object({ resultType: z.literal('vector'), result: z.array(vectorItemSchema) }),
  z.object({ resultType: z.literal('matrix'), result: z.array(matrixItemSchema) }),
]);
export type PrometheusData = z.infer<typeof dataSchema>;

const successSchema = z.object({
  status: z.literal('success'),
  data: dataSchema,
  warnings: z.array(z.string()).optional(),
  infos: z.array(z.string()).optional(),
});

const failureSchema = z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string() });

/** What the query API of Prometheus answers (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export type PrometheusResponse = z.infer<typeof successSchema> | z.infer<typeof failureSchema>;

const responseSchema = z.union([successSchema, failureSchema]);

/** Reads the body of an answer; undefined when it is not one of Prometheus' API. */
export function parsePrometheusResponse(body: string): PrometheusResponse | undefined {
  try {
    return responseSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
