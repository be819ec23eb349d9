import type { AnalysisTemplate, Metric } from '../../../src/api/analysis.ts';
import type { CanaryStrategy } from '../../../src/api/canary.ts';
import type { CanaryStep } from '../../../src/api/canary-step.ts';
import type { Ingress, KubeObject, Service } from '../../../src/api/core-types.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import type { RolloutSpec } from '../../../src/api/rollout-spec.ts';
import type { ControllerProcess } from '../../support/controller-process.ts';
import { DataPlane } from '../../support/data-plane.ts';
import { type StartOptions, TestCluster, type TestClusterOptions } from '../../support/test-cluster.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

export interface WebOptions {
  readonly name?: string;
  readonly image?: string;
  readonly replicas?: number;
  readonly steps?: readonly CanaryStep[];
  /** In addition to Services, route and steps. */
  readonly canary?: Partial<CanaryStrategy>;
  readonly spec?: Partial<RolloutSpec>;
}

/** A person has to promote it once. */
export const STEPS: readonly CanaryStep[] = [
  { setWeight: 25 },
  { pause: {} },
  { setWeight: 50 },
  { pause: { duration: '30s' } },
];

/** A Rollout behind nginx. */
export function web({
  name = 'web',
  image = 'v1',
  replicas = 4,
  steps = STEPS,
  canary,
  spec,
}: WebOptions = {}): Rollout {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: `example.com/app:${image}` }] },
      },
      strategy: {
        canary: {
          canaryService: `${name}-canary`,
          stableService: `${name}-stable`,
          trafficRouting: { nginx: { stableIngress: name } },
          steps: [...steps],
          ...canary,
        },
      },
      ...spec,
    },
  };
}

export function service(name: string, app: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { selector: { app }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

export function ingress(name: string, backend: string): Ingress {
  const path = { path: '/', pathType: 'Prefix', backend: { service: { name: backend, port: { number: 80 } } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'default' },
    spec: { ingressClassName: 'nginx', rules: [{ host: `${name}.example.com`, http: { paths: [path] } }] },
  };
}

/** The two Services and the Ingress that `web` names. */
export function network(name = 'web'): readonly KubeObject[] {
  return [service(`${name}-stable`, name), service(`${name}-canary`, name), ingress(name, `${name}-stable`)];
}

export function template(name: string, metric: Partial<Metric> = {}): AnalysisTemplate {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name, namespace: 'default' },
    spec: {
      metrics: [
        {
          name: 'success-rate',
          interval: '10s',
          successCondition: 'result[0] >= 0.95',
          failureLimit: 1,
          provider: { prometheus: { address: 'http://prometheus:9090', query: 'success_rate' } },
          ...metric,
        },
      ],
    },
  };
}

/** Makes a Rollout be judged by a template all the way. */
export function judgedBy(templateName: string): Pick<CanaryStrategy, 'analysis'> {
  return { analysis: { templates: [{ templateName }], startingStep: 1 } };
}

/** A cluster in which the first version of `web` is healthy, with a data plane that watches from then on. */
export async function runningWeb(
  options: WebOptions = {},
  cluster: TestClusterOptions = {},
  extra: readonly KubeObject[] = [],
  start: StartOptions = {},
): Promise<{ readonly cluster: TestCluster; readonly dataPlane: DataPlane; readonly controller: ControllerProcess }> {
  const world = new TestCluster(cluster);
  const dataPlane = observe(world, cluster.seed);
  const controller = world.startController(start);
  await world.apply(...network(), ...extra, web(options));
  await world.until('web', isHealthy, 2 * MINUTE);
  // The last of its knowledge may still be on its way to the data plane.
  await world.clock.advanceBy(10 * SECOND);
  dataPlane.arm();
  return { cluster: world, dataPlane, controller };
}

export function observe(cluster: TestCluster, seed = 1): DataPlane {
  return new DataPlane(cluster, { rollout: 'web', canaryService: 'web-canary', stableService: 'web-stable', seed });
}

export function isHealthy({ status, metadata }: Rollout): boolean {
  return status?.phase === 'Healthy' && status.observedGeneration === String(metadata.generation);
}

/** Healthy, and not only because the controller has not seen the new version yet. */
export function isPromoted(rollout: Rollout): boolean {
  return isHealthy(rollout) && rollout.metadata.annotations?.['rollout.argoproj.io/revision'] === '2';
}

export function isPausedAt(step: number): (rollout: Rollout) => boolean {
  return ({ status, metadata }) =>
    status?.phase === 'Paused' &&
    status.currentStepIndex === step &&
    status.observedGeneration === String(metadata.generation);
}

export function isAborted({ status }: Rollout): boolean {
  return status?.abort === true && status.message?.startsWith('RolloutAborted') === true;
}
