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
  const behindNginx = {
    canary: {
      canaryService: `${name}-canary`,
      stableService: `${name}-stable`,
      trafficRouting: { nginx: { stableIngress: name } },
      steps: STEPS,
      ...canary,
    },
  };
  const container = { name: 'app', image: imageOf(1), command: ['sleep', '3600'] };
  const spec = {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [container], terminationGracePeriodSeconds: 1 },
    },
    strategy: strategy ?? behindNginx,
  };
  return [
    service(`${name}-stable`, name),
    service(`${name}-canary`, name),
    ingress(name),
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

/** A person has to promote the version behind `NAME-canary`. */
export function blueGreen(name: string): NonNullable<RolloutSpec['strategy']> {
  const services = { activeService: `${name}-stable`, previewService: `${name}-canary` };
  return { blueGreen: { ...services, autoPromotionEnabled: false } };
}

/** One manifest for `kubectl apply -f -`. */
export function manifestOf(objects: readonly KubeObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

function service(name: string, app: string): KubeObject {
  const spec = { selector: { app }, ports: [{ port: 80, targetPort: 8080 }] };
  return named('v1', 'Service', name, { spec });
}

function ingress(app: string): KubeObject {
  const backend = { service: { name: `${app}-stable`, port: { number: 80 } } };
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
  const spec = { ingressClassName: 'nginx', rules: [{ host: `${app}.example.com`, http }] };
  return named('networking.k8s.io/v1', 'Ingress', app, { spec });
}

function named(apiVersion: string, kind: string, name: string, rest: object): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'default' }, ...rest };
}
