import type { AnalysisRun, AnalysisTemplate, Metric } from '../../../src/api/analysis.ts';
import type { Ingress, KubeObject, ReplicaSet, Service } from '../../../src/api/core-types.ts';
import type { Rollout, RolloutStatus } from '../../../src/api/rollout.ts';
import { legacyPodTemplateHash, podTemplateHash } from '../../../src/core/values/pod-template-hash.ts';
import {
  ANALYSIS_RUNS,
  ANALYSIS_TEMPLATES,
  INGRESSES,
  REPLICA_SETS,
  ROLLOUTS,
  SERVICES,
} from '../../../src/kube/resources.ts';
import type { TestCluster } from '../../support/test-cluster.ts';
import { ingress, judgedBy, network, SECOND, STEPS, service, template, web } from './fixtures.ts';

/** How a release of Argo Rollouts names versions: by one of its two hashes, or by one that nobody can compute any more. */
export type Era = '1.8' | '1.9' | 'unknown';
/**
 * Or what an upgrade of Argo Rollouts that computed other hashes left: two versions of one template, the second of which
 * is being released, or was.
 */
export type History = Era | 'spurious';
/** Where it stood when Argo Rollouts was stopped. */
export type Standing = 'healthy' | 'paused' | 'aborted';

const HASH = 'rollouts-pod-template-hash';
const STARTED = '2025-12-31T23:00:00Z';

function hashOf(rollout: Rollout, era: History, unknown: string): string {
  const template = rollout.spec.template ?? {};
  if (era === '1.9') return podTemplateHash(template);
  return era === '1.8' ? legacyPodTemplateHash(template) : unknown;
}

/**
 * Puts into the cluster what Argo Rollouts leaves behind, and lets the pods become ready. With `metric` it is in the middle
 * of measuring that in the background.
 */
export async function leaveByArgo(
  cluster: TestCluster,
  era: History,
  standing: Standing,
  metric?: Partial<Metric>,
): Promise<void> {
  const canary = metric === undefined ? {} : judgedBy('left');
  const isSpurious = era === 'spurious';
  const [v1, v2] = [web({ canary }), web({ image: isSpurious ? 'v1' : 'v2', canary })];
  const isUpdating = standing !== 'healthy';
  const first = hashOf(v1, isSpurious ? '1.8' : era, '5c9f6bd4b6');
  const next = hashOf(v2, isSpurious ? '1.9' : era, '6d7f9cd5c7');
  const stable = isSpurious && !isUpdating ? next : first;
  const current = isUpdating ? next : stable;
  const rollout = await cluster.client.create<Rollout>(ROLLOUTS, {
    ...(isUpdating ? v2 : v1),
    metadata: {
      name: 'web',
      namespace: 'default',
      annotations: { 'rollout.argoproj.io/revision': isUpdating ? '2' : '1' },
    },
  });
  const canaryHash = standing === 'paused' ? next : stable;
  const weight = standing === 'paused' ? 25 : 0;
  await create(cluster, [
    [REPLICA_SETS, replicaSet(v1, rollout, stable, '1', 4)],
    ...(stable === first ? [] : [[REPLICA_SETS, replicaSet(v1, rollout, first, '0', 0)] as const]),
    ...(isUpdating ? [[REPLICA_SETS, replicaSet(v2, rollout, next, '2', standing === 'paused' ? 1 : 0)] as const] : []),
    [SERVICES, managed(service('web-stable', 'web'), stable)],
    [SERVICES, managed(service('web-canary', 'web'), canaryHash)],
    [INGRESSES, network()[2]!],
    [INGRESSES, canaryIngress(rollout, weight)],
    ...(metric === undefined
      ? []
      : ([
          [ANALYSIS_TEMPLATES, template('left', metric)],
          [ANALYSIS_RUNS, analysisRun(rollout, next, template('left', metric))],
        ] as const)),
  ]);
  await cluster.clock.advanceBy(5 * SECOND);
  const status = statusOf(standing, { stable, current, canaryHash, weight });
  const run = { currentBackgroundAnalysisRunStatus: { name: RUN, status: 'Running' } };
  const measured = metric === undefined ? status : { ...status, canary: { ...status.canary, ...run } };
  await cluster.patch('web', { status: measured }, 'status');
}

const RUN = 'web-2';

function analysisRun(owner: Rollout, hash: string, { spec }: AnalysisTemplate): AnalysisRun {
  const { name = '' } = spec.metrics?.[0] ?? {};
  const measurement = { phase: 'Running', startedAt: STARTED, metadata: { 'job-name': 'somewhere' } } as const;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: {
      name: RUN,
      namespace: 'default',
      labels: { [HASH]: hash, 'rollout-type': 'Background' },
      annotations: { 'rollout.argoproj.io/revision': '2' },
      ownerReferences: ownedBy(owner),
    },
    spec: { metrics: spec.metrics ?? [] },
    status: {
      phase: 'Running',
      startedAt: STARTED,
      dryRunSummary: {},
      runSummary: {},
      metricResults: [{ name, phase: 'Running', measurements: [measurement] }],
    },
  };
}

async function create(
  cluster: TestCluster,
  objects: readonly (readonly [typeof SERVICES, KubeObject])[],
): Promise<void> {
  for (const [resource, object] of objects) await cluster.client.create(resource, object);
}

function ownedBy({ metadata: { uid } }: Rollout) {
  const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web', uid: uid ?? '' };
  return [{ ...owner, controller: true, blockOwnerDeletion: true }];
}

/** A ReplicaSet that was scaled down after a delay keeps the annotation that said when. */
const DELAY_IS_OVER = { 'scale-down-deadline': STARTED };

function replicaSet({ spec }: Rollout, owner: Rollout, hash: string, revision: string, replicas: number): ReplicaSet {
  const labels = { app: 'web', [HASH]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `web-${hash}`,
      namespace: 'default',
      labels,
      annotations: {
        'rollout.argoproj.io/desired-replicas': '4',
        'rollout.argoproj.io/revision': revision,
        ...(replicas === 0 ? DELAY_IS_OVER : {}),
      },
      ownerReferences: ownedBy(owner),
    },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { ...spec.template, metadata: { labels } },
    },
  };
}

function managed(plain: Service, hash: string): Service {
  return {
    ...plain,
    metadata: { ...plain.metadata, annotations: { 'argo-rollouts.argoproj.io/managed-by-rollouts': 'web' } },
    spec: { ...plain.spec, selector: { ...plain.spec?.selector, [HASH]: hash } },
  };
}

function canaryIngress(owner: Rollout, weight: number): Ingress {
  const { spec } = ingress('web', 'web-canary');
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'web-web-canary',
      namespace: 'default',
      annotations: {
        'nginx.ingress.kubernetes.io/canary': 'true',
        'nginx.ingress.kubernetes.io/canary-weight': String(weight),
      },
      ownerReferences: ownedBy(owner),
    },
    spec,
  } as Ingress;
}

interface Versions {
  readonly stable: string;
  readonly current: string;
  readonly canaryHash: string;
  readonly weight: number;
}

function statusOf(standing: Standing, { stable, current, canaryHash, weight }: Versions): RolloutStatus {
  const canaries = standing === 'paused' ? 1 : 0;
  const pods = standing === 'healthy' ? 4 : canaries;
  return {
    HPAReplicas: 4 + canaries,
    availableReplicas: 4 + canaries,
    readyReplicas: 4 + canaries,
    replicas: 4 + canaries,
    ...(pods === 0 ? {} : { updatedReplicas: pods }),
    blueGreen: {},
    canary: {
      weights: {
        canary: { podTemplateHash: canaryHash, serviceName: 'web-canary', weight },
        stable: { podTemplateHash: stable, serviceName: 'web-stable', weight: 100 - weight },
      },
    },
    currentPodHash: current,
    // Of the library of its day.
    currentStepHash: '6b9bc4b4f5',
    observedGeneration: '1',
    selector: 'app=web',
    stableRS: stable,
    ...STATES[standing],
  } as RolloutStatus;
}

const condition = (type: string, status: string, reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: STARTED,
  lastUpdateTime: STARTED,
});

const AVAILABLE = condition('Available', 'True', 'AvailableReason', 'Rollout has minimum availability');
const UNHEALTHY = condition('Healthy', 'False', 'RolloutHealthy', 'Rollout is not healthy');
const INCOMPLETE = condition('Completed', 'False', 'RolloutCompleted', 'RolloutCompleted');

const STATES = {
  healthy: {
    currentStepIndex: STEPS.length,
    phase: 'Healthy',
    conditions: [
      condition('Paused', 'False', 'RolloutPaused', 'Rollout is not paused'),
      AVAILABLE,
      condition('Healthy', 'True', 'RolloutHealthy', 'Rollout is healthy'),
      condition('Completed', 'True', 'RolloutCompleted', 'RolloutCompleted'),
      condition('Progressing', 'True', 'NewReplicaSetAvailable', 'ReplicaSet "web" has successfully progressed.'),
    ],
  },
  paused: {
    currentStepIndex: 1,
    phase: 'Paused',
    message: 'CanaryPauseStep',
    controllerPause: true,
    pauseConditions: [{ reason: 'CanaryPauseStep', startTime: STARTED }],
    conditions: [
      AVAILABLE,
      UNHEALTHY,
      INCOMPLETE,
      condition('Progressing', 'Unknown', 'RolloutPaused', 'Rollout is paused'),
      condition('Paused', 'True', 'RolloutPaused', 'Rollout is paused'),
    ],
  },
  aborted: {
    abort: true,
    abortedAt: STARTED,
    currentStepIndex: 0,
    phase: 'Degraded',
    message: 'RolloutAborted: Rollout aborted update to revision 2',
    conditions: [
      condition('Paused', 'False', 'RolloutPaused', 'Rollout is not paused'),
      AVAILABLE,
      UNHEALTHY,
      INCOMPLETE,
      condition('Progressing', 'False', 'RolloutAborted', 'Rollout aborted update to revision 2'),
    ],
  },
} as const;
