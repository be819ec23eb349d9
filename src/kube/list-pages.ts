import type { KubeObject } from '../api/core-types.ts';
import { ApiError, asTransportError, isGone } from './api-error.ts';
import { apiVersionOf, pathOf, type Resource } from './resources.ts';
import type { KubeRequest, KubeTransport, RequestPriority } from './transport.ts';

/** client-go's page size: a page of large objects blocks the event loop for some 25 ms. */
const PAGE_SIZE = 500;
/** Lists that outlive the server's history between two pages are started again this often, then taken in one piece. */
const MAX_PAGED_ATTEMPTS = 3;
/** A page of large objects over a slow link. */
const DEFAULT_PAGE_TIMEOUT_MS = 60_000;

export interface ListRequest {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly priority?: RequestPriority | undefined;
  readonly timeoutMs?: number | undefined;
  readonly pageSize?: number | undefined;
}

export interface ListedObjects<T> {
  readonly items: T[];
  /** The version of the collection that the items are a snapshot of: where a watch starts. */
  readonly resourceVersion: string;
}

interface Page<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

/**
 * Lists a collection page by page, as one consistent snapshot. When the snapshot expires half-way (410), starts again.
 * Rejects with `ApiError` or `TransportError`.
 */
export async function listPages<T extends KubeObject>(
  transport: KubeTransport,
  resource: Resource,
  options: ListRequest = {},
): Promise<ListedObjects<T>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listOnce(transport, resource, options, options.pageSize ?? PAGE_SIZE);
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
      if (attempt === MAX_PAGED_ATTEMPTS) {
        return listOnce(transport, resource, options, undefined);
      }
    }
  }
}

async function listOnce<T extends KubeObject>(
  transport: KubeTransport,
  resource: Resource,
  options: ListRequest,
  pageSize: number | undefined,
): Promise<ListedObjects<T>> {
  const items: T[] = [];
  let token = '';
  let resourceVersion = '';
  do {
    const page = await fetchPage<T>(transport, listRequest(resource, options, pageSize, token));
    for (const item of page.items ?? []) {
      // Items of a typed list carry neither field, those of a watch both.
      items.push(item.kind === undefined ? { apiVersion: apiVersionOf(resource), kind: resource.kind, ...item } : item);
    }
    token = page.metadata?.continue ?? '';
    resourceVersion = page.metadata?.resourceVersion ?? '';
  } while (token !== '');
  return { items, resourceVersion };
}

async function fetchPage<T>(transport: KubeTransport, request: KubeRequest): Promise<Page<T>> {
  const response = await transport.request(request).catch((error: unknown) => {
    throw asTransportError(error, request);
  });
  if (response.status !== 200) {
    throw ApiError.fromResponse(request, response);
  }
  try {
    return JSON.parse(response.body) as Page<T>;
  } catch {
    // A proxy's login page, say: an answer, but not the API server's.
    throw ApiError.fromResponse(request, { ...response, status: 502 });
  }
}

function listRequest(
  resource: Resource,
  options: ListRequest,
  pageSize: number | undefined,
  token: string,
): KubeRequest {
  return {
    method: 'GET',
    path: pathOf(resource, options.namespace),
    query: {
      ...(pageSize === undefined ? {} : { limit: String(pageSize) }),
      ...(token === '' ? {} : { continue: token }),
      ...selectorQuery(options),
    },
    timeoutMs: options.timeoutMs ?? DEFAULT_PAGE_TIMEOUT_MS,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
  };
}

/** The part of a list's or watch's query that says which objects. */
export function selectorQuery({
  labelSelector,
  fieldSelector,
}: Pick<ListRequest, 'labelSelector' | 'fieldSelector'>): Record<string, string> {
  return {
    ...(labelSelector === undefined || labelSelector === '' ? {} : { labelSelector }),
    ...(fieldSelector === undefined || fieldSelector === '' ? {} : { fieldSelector }),
  };
}
