import { replicasOf } from '../../api/defaults.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { formatTimestamp } from '../../core/values/rfc3339.ts';
import { canaryProgress } from './canary-progress.ts';
import { healthOfPhase, toneOf } from './icon.ts';
import { phaseOf } from './phase.ts';
import type { Cell } from './table.ts';

export interface ListColumns {
  /** Begins with the namespace. */
  readonly namespace: boolean;
  /** Begins with the moment at which the line was printed. */
  readonly timestamp: boolean;
  /** Ends with the message. */
  readonly wide: boolean;
}

const ARGO_COLUMNS = [
  'NAME',
  'STRATEGY',
  'STATUS',
  'STEP',
  'SET-WEIGHT',
  'READY',
  'DESIRED',
  'UP-TO-DATE',
  'AVAILABLE',
];

export function listHeader(columns: ListColumns): readonly Cell[] {
  return [
    ...(columns.timestamp ? ['TIMESTAMP'] : []),
    ...(columns.namespace ? ['NAMESPACE'] : []),
    ...ARGO_COLUMNS,
    ...(columns.wide ? ['MESSAGE'] : []),
  ];
}

/** One line of `list rollouts`, with Argo Rollouts' columns. */
export function listRow(rollout: Rollout, columns: ListColumns, now: EpochMs): readonly Cell[] {
  const { spec, status = {} } = rollout;
  const { phase, message } = phaseOf(rollout);
  const [step, weight] = canaryCells(rollout);
  return [
    ...(columns.timestamp ? [formatTimestamp(now)] : []),
    ...(columns.namespace ? [namespaceOf(rollout)] : []),
    nameOf(rollout),
    strategyOf(rollout),
    { text: phase, tone: toneOf(healthOfPhase(phase)) },
    step,
    weight,
    `${status.readyReplicas ?? 0}/${status.replicas ?? 0}`,
    String(replicasOf(spec)),
    String(status.updatedReplicas ?? 0),
    String(status.availableReplicas ?? 0),
    ...(columns.wide ? [message] : []),
  ];
}

function strategyOf({ spec }: Rollout): string {
  if (spec.strategy?.blueGreen !== undefined) return 'BlueGreen';
  return spec.strategy?.canary === undefined ? 'unknown' : 'Canary';
}

/** `-` stands for what a Rollout does not have. */
function canaryCells(rollout: Rollout): readonly [step: string, weight: string] {
  const canary = rollout.spec.strategy?.canary;
  if (canary === undefined) return ['-', '-'];
  const { stepIndex, steps, setWeight } = canaryProgress(rollout, canary, []);
  return stepIndex === undefined ? ['-', '-'] : [`${stepIndex}/${steps.length}`, String(setWeight)];
}
