import type { Deployment, PodTemplateSpec } from '../../api/core-types.ts';
import { nameOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { ObjectKey } from '../../kube/client.ts';
import { DEPLOYMENTS, type Resource, ROLLOUTS } from '../../kube/resources.ts';
import { CliError } from '../cli-error.ts';
import type { Cluster } from './connect.ts';

/** The object whose `spec.template` is the pod template of a Rollout: itself, or the Deployment that it refers to. */
export interface TemplateOwner {
  readonly resource: Resource;
  readonly key: ObjectKey;
  readonly template: PodTemplateSpec;
}

export async function templateOwner(cluster: Cluster, rollout: Rollout): Promise<TemplateOwner> {
  const { namespace } = cluster;
  const { workloadRef, template } = rollout.spec;
  if (workloadRef === undefined) {
    return {
      resource: ROLLOUTS,
      key: { namespace, name: nameOf(rollout) },
      template: template ?? { spec: { containers: [] } },
    };
  }
  const { kind = '', name = '' } = workloadRef;
  if (kind !== 'Deployment') {
    throw new CliError(`rollout "${nameOf(rollout)}" takes its pods from ${kind}/${name}`, {
      hint: `change ${kind}/${name} itself: only a Deployment can be changed through its rollout`,
    });
  }
  const key = { namespace, name };
  const deployment = await cluster.client.get<Deployment>(DEPLOYMENTS, key).catch((error: unknown) => {
    throw isNotFound(error) ? missing(rollout, name) : error;
  });
  return { resource: DEPLOYMENTS, key, template: deployment.spec?.template ?? { spec: { containers: [] } } };
}

function missing(rollout: Rollout, name: string): CliError {
  return new CliError(
    `Deployment "${name}", which spec.workloadRef of rollout "${nameOf(rollout)}" names, does not exist`,
  );
}
