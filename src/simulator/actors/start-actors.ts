import type { ServerContext } from '../server-context.ts';
import { DeploymentActor } from './deployment-actor.ts';
import { EndpointSliceActor, type EndpointSliceOptions } from './endpoint-slice-actor.ts';
import { JobActor } from './job-actor.ts';
import { ReplicaSetActor, type ReplicaSetOptions } from './replica-set-actor.ts';

/** Starts what kube-controller-manager does for workloads. Pods need a kubelet besides: a `KubeletActor` or a pod runner. */
export function startActors(context: ServerContext, options: EndpointSliceOptions & ReplicaSetOptions = {}): void {
  new ReplicaSetActor(context, options).start();
  new DeploymentActor(context).start();
  new JobActor(context).start();
  new EndpointSliceActor(context, options).start();
}
