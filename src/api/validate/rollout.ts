import type { AntiAffinity } from '../anti-affinity.ts';
import type { BlueGreenStrategy } from '../blue-green.ts';
import { minReadySecondsOf, progressDeadlineSecondsOf, revisionHistoryLimitOf } from '../defaults.ts';
import type { Rollout, RolloutSpec } from '../rollout.ts';
import type { WorkloadRef } from '../rollout-spec.ts';
import { validateCanary } from './canary.ts';
import { validatePodTemplate } from './pod-template.ts';
import { negative, type Problem, when } from './problem.ts';
import { selectorProblems, selectorSelects } from './selector.ts';

/** Workloads that `workloadRef` may name, as apiVersion's group and kind. */
const REFERABLE_WORKLOADS: ReadonlySet<string> = new Set(['apps/Deployment', 'apps/ReplicaSet', '/PodTemplate']);

const NO_STRATEGY = "Rollout has missing field '.spec.strategy.canary or .spec.strategy.blueGreen'";
const TWO_STRATEGIES = 'Multiple Strategies can not be listed';

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * All that is wrong with a Rollout by itself; whether the objects that it names exist and fit is another question.
 * Rules and quoted messages are Argo Rollouts' (section 1 of its reference), which stops at the first.
 */
export function validateRollout(rollout: Rollout): readonly Problem[] {
  const { spec } = rollout;
  return [
    ...validateNumbers(spec),
    ...validateSelector(spec),
    ...validateWorkload(spec),
    ...validateStrategy(spec),
    ...when(
      spec.restartAt !== undefined && !RFC3339.test(spec.restartAt),
      'spec.restartAt',
      'must be a moment such as 2026-01-31T08:00:00Z',
    ),
  ];
}

function validateNumbers(spec: RolloutSpec): readonly Problem[] {
  const deadline = progressDeadlineSecondsOf(spec);
  return [
    ...negative(spec.replicas, 'spec.replicas'),
    ...negative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...negative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...negative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'),
    ...negative(spec.rollbackWindow?.revisions, 'spec.rollbackWindow.revisions'),
    ...when(
      deadline >= 0 && deadline <= minReadySecondsOf(spec),
      'spec.progressDeadlineSeconds',
      'must be greater than minReadySeconds',
    ),
  ];
}

function validateSelector(spec: RolloutSpec): readonly Problem[] {
  const field = 'spec.selector';
  if (spec.selector === undefined) {
    return when(spec.workloadRef === undefined, field, "Rollout has missing field '.spec.selector'");
  }
  const labels = spec.template?.metadata?.labels ?? {};
  const problems = selectorProblems(spec.selector, field);
  const misses = spec.template !== undefined && problems.length === 0 && !selectorSelects(spec.selector, labels);
  return [...problems, ...when(misses, 'spec.template.metadata.labels', '`selector` does not match template `labels`')];
}

function validateWorkload(spec: RolloutSpec): readonly Problem[] {
  const { template, workloadRef } = spec;
  if (workloadRef === undefined) {
    return template === undefined
      ? [{ field: 'spec.template', message: "Rollout has missing field '.spec.template'" }]
      : validatePodTemplate(template, 'spec.template');
  }
  return [
    ...when(
      template !== undefined && Object.keys(template).length > 0,
      'spec.template',
      'template must be empty for workload reference rollout',
    ),
    ...validateWorkloadRef(workloadRef),
  ];
}

function validateWorkloadRef({ apiVersion = '', kind = '', name }: WorkloadRef): readonly Problem[] {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return [
    ...when(
      !REFERABLE_WORKLOADS.has(`${group}/${kind}`),
      'spec.workloadRef',
      `workload of type ${group}/${kind} is not supported`,
    ),
    ...when(name === undefined || name === '', 'spec.workloadRef.name', 'must name the workload'),
  ];
}

function validateStrategy(spec: RolloutSpec): readonly Problem[] {
  const { canary, blueGreen } = spec.strategy ?? {};
  const field = 'spec.strategy';
  if (canary === undefined && blueGreen === undefined) return [{ field, message: NO_STRATEGY }];
  return [
    ...when(canary !== undefined && blueGreen !== undefined, field, TWO_STRATEGIES),
    ...(canary === undefined ? [] : validateCanary(canary, `${field}.canary`)),
    ...(canary === undefined ? [] : validateAntiAffinity(canary.antiAffinity, `${field}.canary.antiAffinity`)),
    ...(blueGreen === undefined ? [] : validateBlueGreen(blueGreen, spec, `${field}.blueGreen`)),
  ];
}

function validateBlueGreen(strategy: BlueGreenStrategy, spec: RolloutSpec, field: string): readonly Problem[] {
  const { activeService, previewService, scaleDownDelayRevisionLimit } = strategy;
  return [
    ...when(
      activeService === (previewService ?? ''),
      `${field}.previewService`,
      'This rollout uses the same service for the active and preview services, but two different services are required.',
    ),
    ...when(
      scaleDownDelayRevisionLimit !== undefined && scaleDownDelayRevisionLimit > revisionHistoryLimitOf(spec),
      `${field}.scaleDownDelayRevisionLimit`,
      "This rollout's revision history limit can not be smaller than the rollout's scale down limit",
    ),
    ...validateAntiAffinity(strategy.antiAffinity, `${field}.antiAffinity`),
  ];
}

function validateAntiAffinity(antiAffinity: AntiAffinity | undefined, field: string): readonly Problem[] {
  if (antiAffinity === undefined) return [];
  const preferred = antiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
  const required = antiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  return [
    ...when(
      (preferred === undefined) === (required === undefined),
      field,
      'AntiAffinity must have exactly one strategy listed',
    ),
    ...when(
      preferred !== undefined && (preferred.weight < 1 || preferred.weight > 100),
      `${field}.preferredDuringSchedulingIgnoredDuringExecution.weight`,
      'AntiAffinity weight must be between 1-100',
    ),
  ];
}
