import {
  defaultCustomResourceDefinition,
  defaultEvent,
  defaultLease,
  defaultNamespace,
  defaultSecret,
} from './defaults/core.ts';
import {
  allocateService,
  defaultEndpointSlice,
  defaultHorizontalPodAutoscaler,
  defaultIngress,
  defaultPodDisruptionBudget,
  defaultService,
} from './defaults/network.ts';
import { defaultDeployment, defaultJob, defaultPod, defaultReplicaSet } from './defaults/workloads.ts';
import type { KindRules } from './resource-type.ts';
import { validateConfigMap, validateEvent, validateLease, validateSecret } from './validation/core.ts';
import { validateCustomResourceDefinition } from './validation/custom-resource-definition.ts';
import { validateHorizontalPodAutoscaler, validateIngress, validateService } from './validation/network.ts';
import { validateDeployment, validateJob, validatePod, validateReplicaSet } from './validation/workloads.ts';

const RULES: Readonly<Record<string, KindRules>> = {
  Namespace: { defaults: defaultNamespace },
  Pod: { defaults: defaultPod, validate: validatePod },
  Service: { defaults: defaultService, allocate: allocateService, validate: validateService },
  ConfigMap: { validate: validateConfigMap },
  Secret: { defaults: defaultSecret, validate: validateSecret },
  Deployment: { defaults: defaultDeployment, validate: validateDeployment },
  ReplicaSet: { defaults: defaultReplicaSet, validate: validateReplicaSet },
  Job: { defaults: defaultJob, validate: validateJob },
  HorizontalPodAutoscaler: { defaults: defaultHorizontalPodAutoscaler, validate: validateHorizontalPodAutoscaler },
  Ingress: { defaults: defaultIngress, validate: validateIngress },
  EndpointSlice: { defaults: defaultEndpointSlice },
  PodDisruptionBudget: { defaults: defaultPodDisruptionBudget },
  Event: { defaults: defaultEvent, validate: validateEvent },
  Lease: { defaults: defaultLease, validate: validateLease },
  CustomResourceDefinition: {
    defaults: defaultCustomResourceDefinition,
    validate: validateCustomResourceDefinition,
  },
};

/** Defaulting and validation of a built-in kind beyond what its schema says. */
export function builtInRules(kind: string): KindRules {
  return RULES[kind] ?? {};
}
