import type { JsonTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { partialMetadata } from './present-metadata.ts';
import type { Column, ResourceType } from './resource-type.ts';

/** Whether a Table's rows carry the object: `includeObject` of TableOptions. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
  /** Only the first event of a watch repeats what the columns are. */
  readonly withColumns: boolean;
}

/** Renders objects as the `meta.k8s.io/v1` Table from which kubectl prints. */
export function tableOf(
  type: ResourceType,
  objects: readonly KubeObject[],
  metadata: JsonTree,
  options: TableOptions,
): JsonTree {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: options.withColumns ? type.columns.map(definitionOf) : null,
    rows: objects.map((object) => ({
      cells: type.columns.map((column) => column.cell(object, options.nowMs) ?? null),
      ...embedded(object, options.includeObject),
    })),
  };
}

function definitionOf(column: Column): JsonTree {
  const { name, type, format, description, priority } = column;
  return { name, type, format: format ?? '', description, priority };
}

function embedded(object: KubeObject, include: IncludeObject): JsonTree {
  switch (include) {
    case 'None':
      return {};
    case 'Object':
      return { object };
    case 'Metadata':
      return { object: partialMetadata(object) };
  }
}
