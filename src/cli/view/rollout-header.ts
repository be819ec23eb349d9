import type { ReplicaSet } from '../../api/core-types.ts';
import { replicasOf } from '../../api/defaults.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import { sizeOf } from '../../core/rollout/replica-set.ts';
import { revisionOf } from '../../core/rollout/revision.ts';
import { canaryProgress } from './canary-progress.ts';
import { ownedBy, type RolloutFamily } from './family.ts';
import { healthOfPhase, healthSpan } from './icon.ts';
import { phaseOf } from './phase.ts';
import type { Paint } from './style.ts';
import { type Cell, paintCell, type Span } from './table.ts';
import { tagSpan, tagsOf, type VersionTag } from './version-tags.ts';

/** Width of the labels in Argo Rollouts' plugin. */
const LABEL_WIDTH = 17;

type Row = readonly [label: string, value: Cell];

/** The lines above the tree. */
export function formatRolloutHeader(family: RolloutFamily, paint: Paint): string {
  return headerRows(family)
    .map(([label, value]) => `${label.padEnd(LABEL_WIDTH)}${paintCell(value, paint)}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

function headerRows(family: RolloutFamily): readonly Row[] {
  const { rollout } = family;
  const { phase, message } = phaseOf(rollout);
  return [
    ['Name:', nameOf(rollout)],
    ['Namespace:', namespaceOf(rollout)],
    ['Status:', healthSpan(healthOfPhase(phase), phase)],
    ...(message === '' ? [] : [['Message:', message] as const]),
    ...strategyRows(family),
    ...imageRows(family),
    ...replicaRows(family),
  ];
}

function strategyRows(family: RolloutFamily): readonly Row[] {
  const { rollout } = family;
  const { canary, blueGreen } = rollout.spec.strategy ?? {};
  if (blueGreen !== undefined) return [['Strategy:', 'BlueGreen']];
  if (canary === undefined) return [];
  const progress = canaryProgress(rollout, canary, ownedBy(rollout, family.replicaSets));
  const { stepIndex, steps, setWeight, actualWeight } = progress;
  return [
    ['Strategy:', 'Canary'],
    ...(stepIndex === undefined ? [] : [['  Step:', `${stepIndex}/${steps.length}`] as const]),
    ['  SetWeight:', String(setWeight)],
    ['  ActualWeight:', String(actualWeight)],
  ];
}

function imageRows(family: RolloutFamily): readonly Row[] {
  return [...tagsByImage(family)].map(([image, tags], index) => [index === 0 ? 'Images:' : '', imageCell(image, tags)]);
}

/** Images that run, those of the oldest revision first. */
function tagsByImage({ rollout, replicaSets }: RolloutFamily): ReadonlyMap<string, ReadonlySet<VersionTag>> {
  const images = new Map<string, Set<VersionTag>>();
  const running = ownedBy(rollout, replicaSets).filter((replicaSet) => sizeOf(replicaSet) > 0);
  for (const replicaSet of [...running].sort((one, other) => revisionOf(one) - revisionOf(other))) {
    for (const image of imagesOf(replicaSet)) {
      const tags = images.get(image) ?? new Set();
      for (const tag of tagsOf(rollout, replicaSet)) tags.add(tag);
      images.set(image, tags);
    }
  }
  return images;
}

function imagesOf(replicaSet: ReplicaSet): readonly string[] {
  return (replicaSet.spec?.template?.spec?.containers ?? []).flatMap(({ image }) =>
    image === undefined ? [] : [image],
  );
}

function imageCell(image: string, tags: ReadonlySet<VersionTag>): Cell {
  if (tags.size === 0) return image;
  const spans: readonly Span[] = [...tags].flatMap((tag, index) => [
    ...(index === 0 ? [] : [{ text: ', ' }]),
    tagSpan(tag),
  ]);
  return [{ text: `${image} (` }, ...spans, { text: ')' }];
}

function replicaRows({ rollout: { spec, status = {} } }: RolloutFamily): readonly Row[] {
  return [
    ['Replicas:', ''],
    ['  Desired:', String(replicasOf(spec))],
    ['  Current:', String(status.replicas ?? 0)],
    ['  Updated:', String(status.updatedReplicas ?? 0)],
    ['  Ready:', String(status.readyReplicas ?? 0)],
    ['  Available:', String(status.availableReplicas ?? 0)],
  ];
}
