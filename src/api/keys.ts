/**
 * Labels and annotations by which Linnet, Argo Rollouts and their clients recognise each other's objects. The keys are
 * Argo Rollouts' (Appendix A of its reference), so that either controller can take over from the other.
 */

/** Label of ReplicaSets, pods, AnalysisRuns and Experiments, and key in the selectors of Services: the version. */
export const POD_TEMPLATE_HASH_LABEL = 'rollouts-pod-template-hash';
/** Label: which controller instance, started with `--instance-id`, an object belongs to. */
export const INSTANCE_ID_LABEL = 'argo-rollouts.argoproj.io/controller-instance-id';

/** Label of AnalysisRuns: what a Rollout uses the run for. */
export const ROLLOUT_TYPE_LABEL = 'rollout-type';
/** Label of AnalysisRuns: index of the step that a `Step` run belongs to. */
export const STEP_INDEX_LABEL = 'step-index';
/** Values of `ROLLOUT_TYPE_LABEL`. */
export const ROLLOUT_TYPES = {
  background: 'Background',
  step: 'Step',
  prePromotion: 'PrePromotion',
  postPromotion: 'PostPromotion',
} as const;

/** Label of Jobs and their pods that measure for an AnalysisRun: its uid. */
export const ANALYSIS_RUN_UID_LABEL = 'analysisrun.argoproj.io/uid';
/** Annotations of such Jobs. */
export const ANALYSIS_RUN_NAME_ANNOTATION = 'analysisrun.argoproj.io/name';
export const ANALYSIS_RUN_NAMESPACE_ANNOTATION = 'analysisrun.argoproj.io/namespace';
export const ANALYSIS_RUN_METRIC_ANNOTATION = 'analysisrun.argoproj.io/metric-name';

/** Annotation of Rollouts, ReplicaSets, AnalysisRuns and Experiments: the revision, a decimal number. */
export const REVISION_ANNOTATION = 'rollout.argoproj.io/revision';
/** Annotation of ReplicaSets: earlier revisions of the same template, comma-separated. */
export const REVISION_HISTORY_ANNOTATION = 'rollout.argoproj.io/revision-history';
/** Annotation of ReplicaSets: `spec.replicas` of the Rollout when the ReplicaSet was last scaled. */
export const DESIRED_REPLICAS_ANNOTATION = 'rollout.argoproj.io/desired-replicas';
/** Annotation of Rollouts: generation of the workload that `workloadRef` names. */
export const WORKLOAD_GENERATION_ANNOTATION = 'rollout.argoproj.io/workload-generation';
/** Annotation of ReplicaSets: labels and annotations put on their pods apart from the template, as JSON. */
export const EPHEMERAL_METADATA_ANNOTATION = 'rollout.argoproj.io/ephemeral-metadata';
/** Annotation of ReplicaSets: when an old version is scaled down, RFC 3339 in UTC. It has no domain prefix. */
export const SCALE_DOWN_DEADLINE_ANNOTATION = 'scale-down-deadline';

/** Annotation of Services and DestinationRules: name of the Rollout that manages them. */
export const MANAGED_BY_ANNOTATION = 'argo-rollouts.argoproj.io/managed-by-rollouts';
/** Annotation of ALB Ingresses: which annotations of it each Rollout manages, as JSON. */
export const MANAGED_ALB_ANNOTATIONS_ANNOTATION = 'rollouts.argoproj.io/managed-alb-annotations';
/** The form of that annotation before it was JSON. */
export const MANAGED_ALB_ACTIONS_ANNOTATION = 'rollouts.argoproj.io/managed-alb-actions';

/** Annotations of ReplicaSets and Services that an Experiment made. */
export const EXPERIMENT_NAME_ANNOTATION = 'experiment.argoproj.io/name';
export const EXPERIMENT_TEMPLATE_NAME_ANNOTATION = 'experiment.argoproj.io/template-name';

/** Prefix of annotations `notifications.argoproj.io/subscribe.<trigger>.<service>: <recipient>;…`. */
export const NOTIFICATION_SUBSCRIBE_PREFIX = 'notifications.argoproj.io/subscribe.';
/** Annotation of Rollouts: which notifications were sent, as JSON. */
export const NOTIFIED_ANNOTATION = 'notified.notifications.argoproj.io';

/** Default prefix of the NGINX Ingress controller's annotations, and what follows it on a canary Ingress. */
export const NGINX_ANNOTATION_PREFIX = 'nginx.ingress.kubernetes.io';
export const NGINX_CANARY = 'canary';
export const NGINX_CANARY_WEIGHT = 'canary-weight';
export const NGINX_CANARY_WEIGHT_TOTAL = 'canary-weight-total';
/** Default prefix of the AWS Load Balancer Controller's annotations. */
export const ALB_ANNOTATION_PREFIX = 'alb.ingress.kubernetes.io';

/** Label of a Secret with the kubeconfig of Istio's primary cluster. */
export const ISTIO_PRIMARY_CLUSTER_LABEL = 'istio.argoproj.io/primary-cluster';
/** Label of Gateway API routes while a canary is under way. */
export const GATEWAY_API_CANARY_LABEL = 'rollouts.argoproj.io/gatewayapi-canary';

/** Annotation of Rollouts: the form of `status.observedGeneration`; see `reportedGeneration`. */
export const OBSERVED_GENERATION_ANNOTATION = 'linnet.dev/observed-generation';
/** What tools that judge objects by kstatus put on those that they apply: Flux on all, Helm, and cli-utils' inventory. */
export const KSTATUS_LABELS = ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name'] as const;
export const KSTATUS_ANNOTATIONS = ['meta.helm.sh/release-name', 'config.k8s.io/owning-inventory'] as const;

/** Annotation in which client-side `kubectl apply` remembers the manifest; never copied to other objects. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
