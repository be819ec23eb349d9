import type { EpochMs } from '../../api/time.ts';
import { formatAge } from './age.ts';
import { KIND_ICONS, type TreeKind } from './icon.ts';
import type { Paint } from './style.ts';
import { type Cell, formatTable, type Span } from './table.ts';

/** One line of the tree, and what is below it. */
export interface TreeNode {
  readonly kind: TreeKind;
  readonly name: string;
  readonly status?: Span;
  readonly createdAt?: string | null | undefined;
  /** Joined by commas. */
  readonly info: readonly Span[];
  readonly children: readonly TreeNode[];
}

const HEADER: readonly Cell[] = ['NAME', 'KIND', 'STATUS', 'AGE', 'INFO'];

/** The tree of a Rollout in the layout of Argo Rollouts' plugin. */
export function formatTree(root: TreeNode, now: EpochMs, paint: Paint): string {
  return formatTable([HEADER, ...rowsOf(root, '', '', now)], paint);
}

function rowsOf(node: TreeNode, ownPrefix: string, childPrefix: string, now: EpochMs): (readonly Cell[])[] {
  const { children } = node;
  return [
    rowOf(node, ownPrefix, now),
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      return rowsOf(child, `${childPrefix}${isLast ? '└──' : '├──'}`, `${childPrefix}${isLast ? '   ' : '│  '}`, now);
    }),
  ];
}

function rowOf(node: TreeNode, prefix: string, now: EpochMs): readonly Cell[] {
  const name = `${prefix}${KIND_ICONS[node.kind]} ${node.name}`;
  // A revision is a heading, not an object.
  const kind = node.kind === 'Revision' ? '' : node.kind;
  return [name, kind, node.status ?? '', formatAge(node.createdAt, now), commaSeparated(node.info)];
}

function commaSeparated(spans: readonly Span[]): readonly Span[] {
  return spans.flatMap((span, index) => (index === 0 ? [span] : [{ text: ',' }, span]));
}
