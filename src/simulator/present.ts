import { jsonListText } from './json-text.ts';
import type { JsonTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import type { ListPage } from './list-verb.ts';
import { partialMetadata } from './present-metadata.ts';
import { listKindOf, type RequestScope } from './request-scope.ts';
import { apiVersionOf, inVersionOf } from './resource-type.ts';
import { badRequest } from './status-error.ts';
import { type IncludeObject, type TableOptions, tableOf } from './table.ts';

/** One object in the form that the client asked for. */
export function presentObject(scope: RequestScope, object: KubeObject): JsonTree {
  const versioned = inVersionOf(scope.type, object);
  switch (scope.medium.as) {
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
  switch (scope.medium.as) {
    case 'object':
      return jsonListText(
        { ...listKindOf(scope.type), metadata },
        scope.type.builtIn ? page.items.map(bare) : page.items,
      );
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

const bares = new WeakMap<KubeObject, JsonTree>();

/** An item of a list of a built-in kind: the list tells what it is of. Stored objects are frozen, so each is made once. */
function bare(object: KubeObject): JsonTree {
  const known = bares.get(object);
  if (known !== undefined) return known;
  const { apiVersion: _version, kind: _kind, ...rest } = object;
  const item = Object.freeze(rest);
  if (Object.isFrozen(object)) bares.set(object, item);
  return item;
}

/** How a watch shows the objects of its events. */
export function eventPresenter(scope: RequestScope): (object: KubeObject) => JsonTree {
  const { medium } = scope;
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
export function bookmarkKindFor({ type, medium }: RequestScope): { apiVersion: string; kind: string } {
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

function includeObjectOf(text = ''): IncludeObject {
  switch (text) {
    case 'None':
    case 'Object':
    case 'Metadata':
      return text;
    case '':
      return 'Metadata';
    default: {
      const detail = "must be 'Metadata', 'Object', 'None', or empty";
      throw badRequest(
        `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(text)}: ${detail}`,
      );
    }
  }
}
