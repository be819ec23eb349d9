import { analysisPhaseSchema } from './analysis-phase.ts';
import { flag, type Infer, int32, list, optional, stringMap, struct, text, timestamp } from './schema.ts';

/** One look at a metric. */
const measurementSchema = struct(
  { phase: analysisPhaseSchema },
  {
    message: text('Why, unless it was successful.'),
    startedAt: timestamp(),
    finishedAt: timestamp(),
    value: text('What was measured, as JSON.'),
    metadata: stringMap('More about how it was measured.'),
    resumeAt: timestamp('When a measurement that takes time is looked at again.'),
  },
);
export type Measurement = Infer<typeof measurementSchema>;

/** All looks at one metric. */
const metricResultSchema = struct(
  { name: text(), phase: analysisPhaseSchema },
  {
    measurements: list(measurementSchema, 'The latest ones, oldest first.'),
    message: text(),
    count: int32('Measurements that were judged.'),
    successful: int32(),
    failed: int32(),
    inconclusive: int32(),
    error: int32('Measurements that could not be taken or judged.'),
    consecutiveError: int32('Errors since the last measurement that was judged.'),
    consecutiveSuccess: int32('Successes since the last measurement that was none.'),
    dryRun: flag('Without consequence.'),
    metadata: stringMap(),
  },
);
export type MetricResult = Infer<typeof metricResultSchema>;

const runSummary = optional({
  count: int32('Number of metrics.'),
  successful: int32(),
  failed: int32(),
  inconclusive: int32(),
  error: int32(),
});
/** How many metrics ended how. */
export type RunSummary = Infer<typeof runSummary>;

export const analysisRunStatusSchema = struct(
  { phase: analysisPhaseSchema },
  {
    message: text('Why.'),
    metricResults: list(metricResultSchema),
    startedAt: timestamp(),
    completedAt: timestamp(),
    runSummary: runSummary.describe('Metrics that count.'),
    dryRunSummary: runSummary.describe('Metrics without consequence.'),
  },
);
export type AnalysisRunStatus = Infer<typeof analysisRunStatusSchema>;
