import type { KubeObject } from '../../src/api/core-types.ts';

/** What differs between the Rollouts of the bench. */
export interface RolloutChoice {
  readonly name: string;
  readonly replicas: number;
  readonly steps: readonly object[];
  /** Prometheus that judges the canary in the background, from the first step on. */
  readonly prometheus?: string;
}

export const NAMESPACE = 'default';
const STABLE_IMAGE = 'registry.example.com/app:1';
const CANARY_IMAGE = 'registry.example.com/app:2';

/** A Rollout with everything that it refers to: two Services, an Ingress and, with a judge, an AnalysisTemplate. */
export function application(choice: RolloutChoice): readonly KubeObject[] {
  const { name, prometheus } = choice;
  return [
    service(`${name}-stable`, name),
    service(`${name}-canary`, name),
    ingress(name),
    ...(prometheus === undefined ? [] : [template(name, prometheus)]),
    rollout(choice),
  ];
}

/** The merge patch that releases a new version. */
export const NEW_VERSION = {
  spec: { template: { spec: { containers: [{ name: 'app', image: CANARY_IMAGE }] } } },
};

/** Name of the canary Ingress of the application. */
export function canaryIngressOf(name: string): string {
  return `${name}-${name}-canary`;
}

function rollout({ name, replicas, steps, prometheus }: RolloutChoice): KubeObject {
  const analysis = {
    templates: [{ templateName: name }],
    startingStep: 1,
  };
  const spec = {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: STABLE_IMAGE, ports: [{ name: 'http', containerPort: 8080 }] }] },
    },
    strategy: {
      canary: {
        canaryService: `${name}-canary`,
        stableService: `${name}-stable`,
        trafficRouting: { nginx: { stableIngress: name } },
        steps,
        ...(prometheus === undefined ? {} : { analysis }),
      },
    },
  };
  return named('argoproj.io/v1alpha1', 'Rollout', name, { spec });
}

function template(name: string, address: string): KubeObject {
  const metric = {
    name: 'success-rate',
    interval: '1s',
    failureLimit: 0,
    successCondition: 'result[0] >= 0.95',
    provider: { prometheus: { address, query: name } },
  };
  return named('argoproj.io/v1alpha1', 'AnalysisTemplate', name, { spec: { metrics: [metric] } });
}

function service(name: string, app: string): KubeObject {
  const spec = { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] };
  return named('v1', 'Service', name, { spec });
}

function ingress(app: string): KubeObject {
  const backend = { service: { name: `${app}-stable`, port: { name: 'http' } } };
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
  const spec = { ingressClassName: 'nginx', rules: [{ host: `${app}.example.com`, http }] };
  return named('networking.k8s.io/v1', 'Ingress', app, { spec });
}

function named(apiVersion: string, kind: string, name: string, rest: object): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE }, ...rest };
}
