import { numberAt, scalarTextAt, stringAt, treesAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Column } from '../resource-type.ts';
import { AGE_COLUMN, countColumn, NAME_COLUMN, numberColumn, textAt, textColumn } from './column.ts';

export const LEASE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Holder', (object) => stringAt(object, 'spec', 'holderIdentity')),
  AGE_COLUMN,
];

export const HPA_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Reference', (object) => {
    const kind = textAt(object, '', 'spec', 'scaleTargetRef', 'kind');
    return `${kind}/${textAt(object, '', 'spec', 'scaleTargetRef', 'name')}`;
  }),
  textColumn('Targets', (object) => {
    const metrics = treesAt(object, 'spec', 'metrics');
    return metrics.length === 0 ? '<none>' : metrics.map(hpaTarget).join(', ');
  }),
  textColumn('MinPods', (object) => String(numberAt(object, 'spec', 'minReplicas') ?? '<unset>')),
  countColumn('MaxPods', (object) => numberAt(object, 'spec', 'maxReplicas')),
  countColumn('Replicas', (object) => numberAt(object, 'status', 'currentReplicas')),
  AGE_COLUMN,
];

function hpaTarget(metric: unknown): string {
  const utilization = numberAt(metric, 'resource', 'target', 'averageUtilization');
  const name = stringAt(metric, 'resource', 'name');
  if (name === undefined) return '<unknown>';
  return `${name}: <unknown>/${utilization === undefined ? textAt(metric, '<auto>', 'resource', 'target', 'averageValue') : `${utilization}%`}`;
}

export const PDB_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Min Available', (object) => bound(object, 'minAvailable')),
  textColumn('Max Unavailable', (object) => bound(object, 'maxUnavailable')),
  numberColumn('Allowed Disruptions', (object) => numberAt(object, 'status', 'disruptionsAllowed')),
  AGE_COLUMN,
];

function bound(budget: KubeObject, field: string): string {
  return scalarTextAt(budget, 'spec', field) ?? 'N/A';
}

export const CRD_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Created At', (object) => object.metadata.creationTimestamp),
];
