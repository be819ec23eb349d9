import type { PodSpec, PodTemplateSpec } from '../pod-template.ts';
import { type Problem, when } from './problem.ts';

/**
 * The mistakes in a pod template that people make most. Whatever else is wrong the API server finds when the ReplicaSet
 * is created, and the Rollout then says so.
 */
export function validatePodTemplate(template: PodTemplateSpec, field: string): readonly Problem[] {
  const { spec } = template;
  if (spec === undefined) return [{ field: `${field}.spec`, message: 'must describe the pod' }];
  return [
    ...validateContainers(spec, `${field}.spec`),
    ...when(
      spec.restartPolicy !== undefined && spec.restartPolicy !== 'Always',
      `${field}.spec.restartPolicy`,
      `${JSON.stringify(spec.restartPolicy)} is not supported for pods that are kept running; use Always`,
    ),
    ...when(
      spec.activeDeadlineSeconds !== undefined,
      `${field}.spec.activeDeadlineSeconds`,
      'is not supported for pods that are kept running',
    ),
  ];
}

function validateContainers(spec: PodSpec, field: string): readonly Problem[] {
  const lists = ['containers', 'initContainers'] as const;
  const seen = new Set<string>();
  const problems: Problem[] = [
    ...when(spec.containers.length === 0, `${field}.containers`, 'must have at least one container'),
  ];
  for (const list of lists) {
    for (const [index, { name, image }] of (spec[list] ?? []).entries()) {
      const path = `${field}.${list}[${index}]`;
      problems.push(...when(name === '', `${path}.name`, 'must not be empty'));
      problems.push(...when(seen.has(name), `${path}.name`, `is used twice: ${JSON.stringify(name)}`));
      problems.push(...when(image === undefined || image === '', `${path}.image`, 'must name an image'));
      seen.add(name);
    }
  }
  return problems;
}
