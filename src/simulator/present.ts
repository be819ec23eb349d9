import { jsonListText } from './json-text.ts';
import type { JsonTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import type { ListPage } from './list-verb.ts';
import { type Medium, mediumOf } from './negotiation.ts';
import { partialMetadata } from './present-metadata.ts';
import { listKindOf, type RequestScope } from './request-scope.ts';
import { apiVersionOf, inVersionOf, type ResourceType } from './resource-type.ts';
import { type IncludeObject, type TableOptions, tableOf } from './table.ts';

/** One object in the form that the client asked for. */
export function presentObject(scope: RequestScope, object: KubeObject): JsonTree {
  const versioned = inVersionOf(scope.type, object);
  switch (mediumOf(scope.request.headers['accept']).as) {
    case 'object':
      return versioned;
    case 'PartialObjectMetadata':
      return partialMetadata(versioned);
    case 'Table': {
      const metadata = { resourceVersion: object.metadata.resourceVersion };
      return tableOf(scope.type, [versioned], metadata, tableOptions(scope, true));
    }
  }
}

/** One page of a list in the form that the client asked for. */
export function presentList(scope: RequestScope, page: ListPage): JsonTree | string {
  const metadata: JsonTree = {
    resourceVersion: page.resourceVersion,
    ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  switch (mediumOf(scope.request.headers['accept']).as) {
    case 'object':
      return jsonListText({ ...listKindOf(scope.type), metadata }, page.items);
    case 'PartialObjectMetadata':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        metadata,
        items: page.items.map(partialMetadata),
      };
    case 'Table':
      return tableOf(scope.type, page.items, metadata, tableOptions(scope, true));
  }
}

/** How a watch shows the objects of its events. */
export function eventPresenter(scope: RequestScope, medium: Medium): (object: KubeObject) => JsonTree {
  let isFirst = true;
  return (object) => {
    const versioned = inVersionOf(scope.type, object);
    switch (medium.as) {
      case 'object':
        return versioned;
      case 'PartialObjectMetadata':
        return partialMetadata(versioned);
      case 'Table': {
        const metadata = { resourceVersion: object.metadata.resourceVersion };
        const table = tableOf(scope.type, [versioned], metadata, tableOptions(scope, isFirst));
        isFirst = false;
        return table;
      }
    }
  };
}

/** Bookmarks come in the kind of the watch's objects; a Table's bookmark is an empty Table. */
export function bookmarkKindFor(type: ResourceType, medium: Medium): { apiVersion: string; kind: string } {
  switch (medium.as) {
    case 'object':
      return { apiVersion: apiVersionOf(type), kind: type.kind };
    case 'PartialObjectMetadata':
      return { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' };
    case 'Table':
      return { apiVersion: 'meta.k8s.io/v1', kind: 'Table' };
  }
}

function tableOptions(scope: RequestScope, withColumns: boolean): TableOptions {
  return {
    includeObject: includeObjectOf(scope.request.query['includeObject']),
    nowMs: scope.context.clock.now(),
    withColumns,
  };
}

function includeObjectOf(text: string | undefined): IncludeObject {
  return text === 'None' || text === 'Object' ? text : 'Metadata';
}
