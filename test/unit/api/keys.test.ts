import { expect, it } from 'vitest';
import * as keys from '../../../src/api/keys.ts';

/** Argo Rollouts and all clients read and write these: a changed one orphans what a running cluster holds. */
it('keys on the wire are those of Argo Rollouts', () => {
  expect({ ...keys }).toMatchObject({
    POD_TEMPLATE_HASH_LABEL: 'rollouts-pod-template-hash',
    INSTANCE_ID_LABEL: 'argo-rollouts.argoproj.io/controller-instance-id',
    ROLLOUT_TYPE_LABEL: 'rollout-type',
    STEP_INDEX_LABEL: 'step-index',
    ROLLOUT_TYPES: {
      background: 'Background',
      step: 'Step',
      prePromotion: 'PrePromotion',
      postPromotion: 'PostPromotion',
    },
    ANALYSIS_RUN_UID_LABEL: 'analysisrun.argoproj.io/uid',
    ANALYSIS_RUN_NAME_ANNOTATION: 'analysisrun.argoproj.io/name',
    ANALYSIS_RUN_NAMESPACE_ANNOTATION: 'analysisrun.argoproj.io/namespace',
    ANALYSIS_RUN_METRIC_ANNOTATION: 'analysisrun.argoproj.io/metric-name',
    REVISION_ANNOTATION: 'rollout.argoproj.io/revision',
    REVISION_HISTORY_ANNOTATION: 'rollout.argoproj.io/revision-history',
    DESIRED_REPLICAS_ANNOTATION: 'rollout.argoproj.io/desired-replicas',
    WORKLOAD_GENERATION_ANNOTATION: 'rollout.argoproj.io/workload-generation',
    EPHEMERAL_METADATA_ANNOTATION: 'rollout.argoproj.io/ephemeral-metadata',
    SCALE_DOWN_DEADLINE_ANNOTATION: 'scale-down-deadline',
    MANAGED_BY_ANNOTATION: 'argo-rollouts.argoproj.io/managed-by-rollouts',
    MANAGED_ALB_ANNOTATIONS_ANNOTATION: 'rollouts.argoproj.io/managed-alb-annotations',
    MANAGED_ALB_ACTIONS_ANNOTATION: 'rollouts.argoproj.io/managed-alb-actions',
    EXPERIMENT_NAME_ANNOTATION: 'experiment.argoproj.io/name',
    EXPERIMENT_TEMPLATE_NAME_ANNOTATION: 'experiment.argoproj.io/template-name',
    NOTIFICATION_SUBSCRIBE_PREFIX: 'notifications.argoproj.io/subscribe.',
    NOTIFIED_ANNOTATION: 'notified.notifications.argoproj.io',
    NGINX_ANNOTATION_PREFIX: 'nginx.ingress.kubernetes.io',
    NGINX_CANARY: 'canary',
    NGINX_CANARY_WEIGHT: 'canary-weight',
    NGINX_CANARY_WEIGHT_TOTAL: 'canary-weight-total',
    ALB_ANNOTATION_PREFIX: 'alb.ingress.kubernetes.io',
    ISTIO_PRIMARY_CLUSTER_LABEL: 'istio.argoproj.io/primary-cluster',
    GATEWAY_API_CANARY_LABEL: 'rollouts.argoproj.io/gatewayapi-canary',
    LAST_APPLIED_ANNOTATION: 'kubectl.kubernetes.io/last-applied-configuration',
  });
});
