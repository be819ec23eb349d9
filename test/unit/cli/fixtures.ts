import type { AnalysisRun } from '../../../src/api/analysis.ts';
import type { Pod, ReplicaSet } from '../../../src/api/core-types.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import type { RolloutFamily } from '../../../src/cli/view/family.ts';

/** The moment at which all fixtures are looked at. */
export const NOW = Date.parse('2026-11-21T12:00:00Z');

export const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString().replace('.000Z', 'Z');

// biome-ignore lint/suspicious/noExplicitAny: parts of manifests
// oxlint-disable-next-line typescript/no-explicit-any
type Part = any;

const STEPS = [{ setWeight: 20 }, { pause: {} }, { setWeight: 60 }, { pause: { duration: '5m' } }];

/** A canary at its first pause: revision 2 has one pod of five. */
export function canaryRollout(change: { spec?: Part; canary?: Part; status?: Part; metadata?: Part } = {}): Rollout {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'ro-uid',
      generation: 4,
      resourceVersion: '77',
      creationTimestamp: ago(3 * 3600),
      ...change.metadata,
    },
    spec: {
      replicas: 5,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            { name: 'web', image: 'web:2' },
            { name: 'side', image: 'side:1' },
          ],
        },
      },
      strategy: { canary: { steps: STEPS, ...change.canary } },
      ...change.spec,
    },
    status: {
      phase: 'Paused',
      message: 'CanaryPauseStep',
      observedGeneration: '4',
      currentPodHash: 'new',
      stableRS: 'old',
      currentStepIndex: 1,
      controllerPause: true,
      pauseConditions: [{ reason: 'CanaryPauseStep', startTime: ago(90) }],
      replicas: 5,
      updatedReplicas: 1,
      readyReplicas: 5,
      availableReplicas: 5,
      ...change.status,
    },
  };
}

export function blueGreenRollout(status: Part = {}): Rollout {
  return canaryRollout({
    spec: {
      strategy: { blueGreen: { activeService: 'web', previewService: 'web-preview', autoPromotionEnabled: false } },
    },
    status: {
      message: 'BlueGreenPause',
      pauseConditions: [{ reason: 'BlueGreenPause', startTime: ago(90) }],
      blueGreen: { activeSelector: 'old', previewSelector: 'new' },
      ...status,
    },
  });
}

export function replicaSet(hash: string, revision: number, pods: number, change: Part = {}): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `web-${hash}`,
      namespace: 'shop',
      uid: `rs-${hash}`,
      creationTimestamp: ago(revision === 1 ? 3 * 3600 : 125),
      labels: { app: 'web', 'rollouts-pod-template-hash': hash },
      annotations: { 'rollout.argoproj.io/revision': String(revision), ...change.annotations },
      ownerReferences: [owner('Rollout', 'web', 'ro-uid')],
    },
    spec: {
      replicas: pods,
      template: { spec: { containers: [{ name: 'web', image: `web:${revision}` }] }, ...change.template },
    },
    status: { replicas: pods, availableReplicas: pods, ...change.status },
  } as ReplicaSet;
}

export function pod(hash: string, name: string, status: Part = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `web-${hash}-${name}`,
      namespace: 'shop',
      uid: `pod-${name}`,
      creationTimestamp: ago(100),
      ownerReferences: [owner('ReplicaSet', `web-${hash}`, `rs-${hash}`)],
    },
    spec: { containers: [{ name: 'web' }] },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'web', ready: true, restartCount: 0, state: { running: {} } }],
      ...status,
    },
  } as Pod;
}

function analysisRun(status: Part, change: Part = {}): AnalysisRun {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: {
      name: 'web-new-2',
      namespace: 'shop',
      uid: 'ar-uid',
      creationTimestamp: ago(80),
      annotations: { 'rollout.argoproj.io/revision': '2' },
      ownerReferences: [owner('Rollout', 'web', 'ro-uid')],
    },
    spec: {
      metrics: [
        { name: 'success-rate', interval: '30s', successCondition: 'result[0] >= 0.95', provider: { prometheus: {} } },
        { name: 'latency', interval: '30s', failureCondition: 'result[0] > 300', provider: { prometheus: {} } },
      ],
    },
    status,
    ...change,
  } as AnalysisRun;
}

/** One metric that failed twice and one that is well. */
export const FAILED_RUN = analysisRun({
  phase: 'Failed',
  message: 'Metric "success-rate" assessed Failed due to failed (2) > failureLimit (1)',
  metricResults: [
    {
      name: 'success-rate',
      phase: 'Failed',
      successful: 3,
      failed: 2,
      count: 5,
      measurements: [{ phase: 'Failed', value: '[0.81]', finishedAt: ago(20) }],
    },
    {
      name: 'latency',
      phase: 'Successful',
      successful: 4,
      error: 1,
      measurements: [{ phase: 'Successful', value: '[120]', finishedAt: ago(20) }],
    },
  ],
});

function owner(kind: string, name: string, uid: string): object {
  return { apiVersion: kind === 'ReplicaSet' ? 'apps/v1' : 'argoproj.io/v1alpha1', kind, name, uid, controller: true };
}

export function family(parts: Partial<RolloutFamily> = {}): RolloutFamily {
  return {
    rollout: canaryRollout(),
    replicaSets: [replicaSet('old', 1, 4), replicaSet('new', 2, 1)],
    pods: [pod('new', 'aaaaa'), pod('old', 'bbbbb')],
    analysisRuns: [],
    experiments: [],
    jobs: [],
    ...parts,
  };
}
