import type { Endpoint, EndpointSlice, Pod, Service } from '../../api/core-types.ts';
import { matchesLabelSelector } from '../../core/values/labels.ts';
import { ENDPOINT_SLICES, PODS, SERVICES } from '../../kube/resources.ts';
import { DeferredWork } from '../deferred-work.ts';
import type { KubeObject } from '../kube-object.ts';
import type { ServerContext } from '../server-context.ts';
import type { StorageEvent } from '../storage.ts';
import { ActorClient, controlledBy, type Stored } from './actor-client.ts';
import { isReady } from './pod-state.ts';

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';

export interface EndpointSliceOptions {
  /** How long after a change the slices follow, milliseconds: the lag that real control planes have. */
  readonly lagMs?: number;
}

/** The EndpointSlice controller: one slice for each Service with a selector. */
export class EndpointSliceActor {
  readonly #client: ActorClient;
  readonly #work: DeferredWork;
  readonly #lagMs: number;

  constructor(context: ServerContext, { lagMs = 0 }: EndpointSliceOptions = {}) {
    this.#client = new ActorClient(context, 'endpointslice-controller');
    this.#lagMs = lagMs;
    this.#work = new DeferredWork(context.clock, (key) => this.#reconcile(key));
  }

  start(): void {
    this.#client.context.storage.subscribe((event) => this.#observe(event));
  }

  #observe({ collection, object, previous }: StorageEvent): void {
    if (collection === '/services') this.#later(`${object.metadata.namespace}/${object.metadata.name}`);
    if (collection !== '/pods' || (previous !== undefined && servesAlike(object, previous))) return;
    for (const service of this.#client.list<Service>(SERVICES, object.metadata.namespace)) {
      const labels = [object, previous].map((pod) => pod?.metadata.labels);
      if (labels.some((set) => selects(service, set))) {
        this.#later(`${service.metadata.namespace}/${service.metadata.name}`);
      }
    }
  }

  #later(key: string): void {
    if (this.#lagMs === 0) this.#work.add(key);
    else this.#client.context.clock.schedule(this.#lagMs, () => this.#work.add(key));
  }

  #reconcile(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const service = this.#client.get<Service>(SERVICES, namespace, name);
    // The slices of a deleted Service go with it, by their owner reference.
    if (service === undefined || service.spec?.selector === undefined) return;
    const pods = this.#client
      .list<Pod>(PODS, namespace)
      .filter((pod) => selects(service, pod.metadata.labels) && pod.status?.podIP !== undefined && !hasEnded(pod));
    const wanted = {
      ports: portsOf(service, pods[0]),
      endpoints: pods.toSorted(byName).map((pod) => endpointOf(pod)),
    };
    const existing = this.#client
      .list<EndpointSlice>(ENDPOINT_SLICES, namespace)
      .find((slice) => slice.metadata.labels?.[SERVICE_NAME_LABEL] === name);
    if (existing === undefined) this.#create(service, wanted);
    else this.#client.update<EndpointSlice>(ENDPOINT_SLICES, existing, (live) => ({ ...live, ...wanted }));
  }

  #create(service: Stored<Service>, content: Pick<EndpointSlice, 'ports' | 'endpoints'>): void {
    const { name, namespace = '' } = service.metadata;
    const slice: EndpointSlice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: { [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: MANAGER },
        ownerReferences: [controlledBy(service)],
      },
      addressType: 'IPv4',
      ...content,
    };
    this.#client.create(ENDPOINT_SLICES, slice);
  }
}

function selects(service: Service, labels: Readonly<Record<string, string>> | undefined): boolean {
  const selector = service.spec?.selector ?? {};
  return Object.keys(selector).length > 0 && matchesLabelSelector({ matchLabels: selector }, labels);
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Most pod updates change nothing that an endpoint tells. */
function servesAlike(left: KubeObject, right: KubeObject): boolean {
  const facts = (object: KubeObject) => {
    const pod = object as unknown as Pod;
    return JSON.stringify([
      pod.metadata.labels,
      pod.metadata.deletionTimestamp === undefined,
      isReady(pod),
      pod.status?.podIP,
      pod.status?.phase,
    ]);
  };
  return facts(left) === facts(right);
}

function endpointOf(pod: Stored<Pod>): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: isReady(pod) && !terminating, serving: isReady(pod), terminating },
    targetRef: {
      kind: 'Pod',
      namespace: pod.metadata.namespace ?? '',
      name: pod.metadata.name,
      uid: pod.metadata.uid,
    },
    ...(pod.spec?.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
  };
}

function portsOf(service: Service, pod: Pod | undefined): NonNullable<EndpointSlice['ports']> {
  return (service.spec?.ports ?? []).map(({ name, port, targetPort, protocol }) => ({
    name: name ?? '',
    port: typeof targetPort === 'string' ? (namedPort(pod, targetPort) ?? port) : (targetPort ?? port),
    protocol: protocol ?? 'TCP',
  }));
}

function namedPort(pod: Pod | undefined, name: string): number | undefined {
  const ports = (pod?.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find((port) => port.name === name)?.containerPort;
}

function byName(left: Stored<Pod>, right: Stored<Pod>): number {
  return left.metadata.name < right.metadata.name ? -1 : 1;
}
