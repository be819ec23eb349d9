import type { Job, Pod } from '../../api/core-types.ts';
import { formatTimestamp } from '../../core/values/rfc3339.ts';
import { JOBS, PODS } from '../../kube/resources.ts';
import { DeferredWork } from '../deferred-work.ts';
import type { ServerContext } from '../server-context.ts';
import type { StorageEvent } from '../storage.ts';
import { ActorClient, controlledBy, isControlledBy, type Stored } from './actor-client.ts';
import { isActive } from './pod-state.ts';

/** Default of `backoffLimit`. */
const DEFAULT_BACKOFF_LIMIT = 6;

/** The Job controller for Jobs with one completion: one pod at a time, retried up to `backoffLimit`. */
export class JobActor {
  readonly #client: ActorClient;
  readonly #work: DeferredWork;

  constructor(context: ServerContext) {
    this.#client = new ActorClient(context, 'job-controller');
    this.#work = new DeferredWork(context.clock, (key) => this.#reconcile(key));
  }

  start(): void {
    this.#client.context.storage.subscribe((event) => this.#observe(event));
  }

  #observe({ collection, object }: StorageEvent): void {
    const { namespace, name, ownerReferences = [] } = object.metadata;
    if (collection === 'batch/jobs') this.#work.add(`${namespace}/${name}`);
    if (collection !== '/pods') return;
    const owner = ownerReferences.find(({ controller, kind }) => controller === true && kind === 'Job');
    if (owner !== undefined) this.#work.add(`${namespace}/${owner.name}`);
  }

  #reconcile(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const job = this.#client.get<Job>(JOBS, namespace, name);
    if (job === undefined || job.metadata.deletionTimestamp !== undefined || hasEnded(job)) return;
    const pods = this.#client.list<Pod>(PODS, namespace).filter((pod) => isControlledBy(pod, job));
    const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded').length;
    const failed = pods.filter(({ status }) => status?.phase === 'Failed').length;
    const active = pods.filter(isActive).length;
    const exhausted = failed > (job.spec?.backoffLimit ?? DEFAULT_BACKOFF_LIMIT);
    const isDone = succeeded > 0 || exhausted;
    if (!isDone && active === 0) this.#createPod(job);
    const now = formatTimestamp(this.#client.context.clock.now());
    this.#client.updateStatus<Job>(JOBS, job, {
      startTime: job.status?.startTime ?? now,
      active: isDone ? 0 : Math.max(1, active),
      succeeded,
      failed,
      ...(succeeded > 0 ? { completionTime: now } : {}),
      ...(isDone ? { conditions: [finalCondition(succeeded > 0, now)] } : {}),
    });
  }

  #createPod(job: Stored<Job>): void {
    const { template } = job.spec ?? {};
    this.#client.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        generateName: `${job.metadata.name}-`,
        namespace: job.metadata.namespace ?? '',
        labels: { ...template?.metadata?.labels, 'batch.kubernetes.io/job-name': job.metadata.name },
        ownerReferences: [controlledBy(job)],
      },
      spec: template?.spec,
    } as Pod);
  }
}

function hasEnded({ status }: Job): boolean {
  return status?.conditions?.some(({ type, status: value }) => isFinal(type) && value === 'True') ?? false;
}

function isFinal(type: string): boolean {
  return type === 'Complete' || type === 'Failed';
}

function finalCondition(succeeded: boolean, now: string) {
  return succeeded
    ? { type: 'Complete', status: 'True' as const, lastTransitionTime: now }
    : { type: 'Failed', status: 'True' as const, reason: 'BackoffLimitExceeded', lastTransitionTime: now };
}
