import { isDuration } from '../duration.ts';
import type { Experiment, ExperimentTemplate } from '../experiment.ts';
import { validatePodTemplate } from './pod-template.ts';
import { type Problem, when } from './problem.ts';
import { selectorProblems } from './selector.ts';

/** Of Argo Rollouts: how long a template may take to become available. */
const DEFAULT_PROGRESS_DEADLINE_SECONDS = 600;

/** All that is wrong with an Experiment by itself (4.13 of the Argo Rollouts reference). */
export function validateExperiment(experiment: Experiment): readonly Problem[] {
  const { spec } = experiment;
  const deadline = spec.progressDeadlineSeconds ?? DEFAULT_PROGRESS_DEADLINE_SECONDS;
  const names = spec.templates.map(({ name }) => name);
  return [
    ...when(names.length === 0, 'spec.templates', 'must have at least one template'),
    ...when(
      spec.duration !== undefined && !isDuration(spec.duration),
      'spec.duration',
      `is not a duration such as 30m: ${JSON.stringify(spec.duration)}`,
    ),
    ...spec.templates.flatMap((template, index) => validateTemplate(template, deadline, `spec.templates[${index}]`)),
    ...names.flatMap((name, index) =>
      when(names.indexOf(name) < index, `spec.templates[${index}].name`, `duplicate name '${name}'`),
    ),
  ];
}

function validateTemplate(template: ExperimentTemplate, deadline: number, field: string): readonly Problem[] {
  const { minReadySeconds = 0, name, selector } = template;
  return [
    ...when(name === '', `${field}.name`, 'must not be empty'),
    ...selectorProblems(selector, `${field}.selector`),
    ...when(
      minReadySeconds > deadline,
      `${field}.minReadySeconds`,
      `must not be greater than progressDeadlineSeconds, ${deadline}`,
    ),
    ...validatePodTemplate(template.template, `${field}.template`),
  ];
}
