import type { CanaryStrategy } from '../../../src/api/canary.ts';
import type { KubeObject, PodSpec } from '../../../src/api/core-types.ts';
import { named, routed } from './applications.ts';

/** A Rollout of the sample application, which serves users and says which version it is. */
export interface SampleChoice {
  readonly name: string;
  readonly pod: PodSpec;
  /** Absent: left to an autoscaler. */
  readonly replicas?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Absent: a busy machine has the ten minutes of the default to start a pod. */
  readonly progressDeadlineSeconds?: number | undefined;
  readonly canary: CanaryStrategy;
}

const PORT = 18080;

/** `image` in a pod that takes two seconds to go, for proxies to learn of it. */
export function samplePod(image: string): PodSpec {
  return {
    containers: [
      {
        name: 'app',
        image,
        env: [{ name: 'PORT', value: String(PORT) }],
        ports: [{ name: 'http', containerPort: PORT }],
        readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 },
        lifecycle: { preStop: { sleep: { seconds: 2 } } },
      },
    ],
  };
}

export function sampleRollout(choice: SampleChoice): KubeObject {
  const { name, pod, replicas, annotations, progressDeadlineSeconds, canary } = choice;
  const labels = { app: name };
  const spec = {
    replicas,
    progressDeadlineSeconds,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: pod },
    strategy: { canary },
  };
  const rollout = named('argoproj.io/v1alpha1', 'Rollout', name, { spec });
  return annotations === undefined ? rollout : { ...rollout, metadata: { ...rollout.metadata, annotations } };
}

/** Services without a selector, which is Linnet's (docs/gitops.md), and an Ingress for host `NAME.example.com`. */
export function sampleNetwork(name: string): readonly KubeObject[] {
  return routed(name, { targetPort: 'http' });
}
