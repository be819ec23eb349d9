import { type Infer, word } from './schema.ts';

/** Phase of an AnalysisRun, a metric, a measurement or an Experiment. Absent or empty before the first look. */
const ANALYSIS_PHASES = ['Pending', 'Running', 'Successful', 'Failed', 'Error', 'Inconclusive'] as const;
export const analysisPhaseSchema = word(ANALYSIS_PHASES, 'How it stands.');
export type AnalysisPhase = Infer<typeof analysisPhaseSchema>;

/** Whether nothing more will happen. */
export function isCompleted(phase: AnalysisPhase | undefined): boolean {
  return phase === 'Successful' || phase === 'Failed' || phase === 'Error' || phase === 'Inconclusive';
}
