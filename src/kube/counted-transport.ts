import type { Counter, MetricsRegistry } from '../telemetry/metrics.ts';
import type { KubeRequest, KubeResponse, KubeStream, KubeTransport } from './transport.ts';

/** Labels of Argo Rollouts' `controller_clientset_k8s_request_total`; the registry bounds how many series there may be. */
type Label = 'kind' | 'namespace' | 'name' | 'verb' | 'status_code';

/** `/api/v1/…` or `/apis/group/version/…`, then the namespace, the resource and the name, where there are any. */
const RESOURCE_PATH = /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?/;

/** Counts the requests that reach the server, by object and outcome. */
export class CountedTransport implements KubeTransport {
  readonly #inner: KubeTransport;
  readonly #requests: Counter<Label>;

  constructor(inner: KubeTransport, metrics: MetricsRegistry) {
    this.#inner = inner;
    this.#requests = metrics.counter('controller_clientset_k8s_request_total', 'Requests to the API server.', [
      'kind',
      'namespace',
      'name',
      'verb',
      'status_code',
    ]);
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    const response = await this.#inner.request(request);
    this.#count(request, response.status);
    return response;
  }

  async stream(request: KubeRequest): Promise<KubeStream> {
    const stream = await this.#inner.stream(request);
    this.#count(request, stream.status);
    return stream;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #count(request: KubeRequest, status: number): void {
    const [, namespace = '', kind = '', name = ''] = RESOURCE_PATH.exec(request.path) ?? [];
    this.#requests.inc({ kind, namespace, name, verb: verbOf(request, name !== ''), status_code: String(status) });
  }
}

function verbOf({ method, query }: KubeRequest, isOne: boolean): string {
  switch (method) {
    case 'GET':
      if (query?.['watch'] !== undefined) return 'Watch';
      return isOne ? 'Get' : 'List';
    case 'POST':
      return 'Create';
    case 'PUT':
      return 'Update';
    case 'PATCH':
      return 'Patch';
    case 'DELETE':
      return 'Delete';
  }
}
