import type { CanaryStrategy } from '../../../src/api/canary.ts';
import type { KubeObject } from '../../../src/api/core-types.ts';
import type { RolloutSpec } from '../../../src/api/rollout-spec.ts';

export interface ApplicationChoice {
  readonly name: string;
  readonly replicas?: number;
  /** In addition to Services, route and steps. */
  readonly canary?: Partial<CanaryStrategy>;
  /** Instead of a canary behind nginx. */
  readonly strategy?: RolloutSpec['strategy'];
}

/** Waits for a person, and then for two seconds. */
const STEPS: CanaryStrategy['steps'] = [
  { setWeight: 50 },
  { pause: {} },
  { setWeight: 75 },
  { pause: { duration: '2s' } },
];

/** What the pods of each version run: a program that is ready at once and costs nothing. */
export const imageOf = (version: number): string => `busybox:v${version}`;

/** A Rollout of `busybox:v1` with two Services `NAME-stable` and `NAME-canary` and an Ingress `NAME`. */
export function application({ name, replicas = 2, canary, strategy }: ApplicationChoice): readonly KubeObject[] {
  const container = { name: 'app', image: imageOf(1), command: ['sleep', '3600'] };
  const spec = {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [container], terminationGracePeriodSeconds: 1 },
    },
    strategy: strategy ?? { canary: { ...behindNginx(name), steps: STEPS, ...canary } },
  };
  return [
    ...routed(name, { selector: { app: name }, targetPort: 8080 }),
    named('argoproj.io/v1alpha1', 'Rollout', name, { spec }),
  ];
}

/** Judges by a metric of the name of the template, every second and for as long as the update takes. */
export function template(name: string, provider: object): KubeObject {
  const metric = { name, interval: '1s', successCondition: 'result[0] == 1', failureLimit: 0, provider };
  return named('argoproj.io/v1alpha1', 'AnalysisTemplate', name, { spec: { metrics: [metric] } });
}

/** Background analysis from the first pause on. */
export function judgedBy(templateName: string): Pick<CanaryStrategy, 'analysis'> {
  return { analysis: { templates: [{ templateName }], startingStep: 1 } };
}

/** The part of a canary strategy that goes with `routed`. */
export function behindNginx(name: string): Pick<CanaryStrategy, 'canaryService' | 'stableService' | 'trafficRouting'> {
  const services = { canaryService: `${name}-canary`, stableService: `${name}-stable` };
  return { ...services, trafficRouting: { nginx: { stableIngress: name } } };
}

/** A person has to promote the version behind `NAME-canary`. */
export function blueGreen(name: string): NonNullable<RolloutSpec['strategy']> {
  const services = { activeService: `${name}-stable`, previewService: `${name}-canary` };
  return { blueGreen: { ...services, autoPromotionEnabled: false, scaleDownDelaySeconds: 1 } };
}

/** One manifest for `kubectl apply -f -`. */
export function manifestOf(objects: readonly KubeObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

/** Services `NAME-stable` and `NAME-canary`, and an Ingress `NAME` of host `NAME.example.com`. */
export function routed(
  name: string,
  service: { readonly selector?: object; readonly targetPort: unknown },
): readonly KubeObject[] {
  const { selector, targetPort } = service;
  const ports = [{ name: 'http', port: 80, targetPort }];
  const backend = { service: { name: `${name}-stable`, port: { name: 'http' } } };
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
  const rules = [{ host: `${name}.example.com`, http }];
  return [
    named('v1', 'Service', `${name}-stable`, { spec: { selector, ports } }),
    named('v1', 'Service', `${name}-canary`, { spec: { selector, ports } }),
    named('networking.k8s.io/v1', 'Ingress', name, { spec: { ingressClassName: 'nginx', rules } }),
  ];
}

/** ingress-nginx' own name for its class; Traefik goes by it, too. */
export const INGRESS_CLASS = object(
  'networking.k8s.io/v1',
  'IngressClass',
  { name: 'nginx' },
  {
    spec: { controller: 'k8s.io/ingress-nginx' },
  },
);

export function named(apiVersion: string, kind: string, name: string, rest: object): KubeObject {
  return object(apiVersion, kind, { name, namespace: 'default' }, rest);
}

export function object(apiVersion: string, kind: string, metadata: KubeObject['metadata'], rest: object): KubeObject {
  return { apiVersion, kind, metadata, ...rest };
}
