import { POD_TEMPLATE_HASH_LABEL } from '../keys.ts';
import type { LabelSelector } from '../label-selector.ts';
import { type Problem, when } from './problem.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

/** What is wrong with a selector of pods that a controller is to own. */
export function selectorProblems(selector: LabelSelector, field: string): readonly Problem[] {
  const expressions = selector.matchExpressions ?? [];
  const keys = [...Object.keys(selector.matchLabels ?? {}), ...expressions.map(({ key }) => key)];
  return [
    ...when(keys.length === 0, field, 'must not be empty: it would select every pod of the namespace'),
    ...when(
      keys.includes(POD_TEMPLATE_HASH_LABEL),
      field,
      `must not use ${POD_TEMPLATE_HASH_LABEL}: the controller adds it for each version`,
    ),
    ...expressions.flatMap((requirement, index) =>
      requirementProblems(requirement, `${field}.matchExpressions[${index}]`),
    ),
  ];
}

function requirementProblems({ operator, values = [] }: Requirement, field: string): readonly Problem[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return when(values.length === 0, `${field}.values`, `must be specified when operator is ${operator}`);
    case 'Exists':
    case 'DoesNotExist':
      return when(values.length > 0, `${field}.values`, `may not be specified when operator is ${operator}`);
    default:
      return [
        {
          field: `${field}.operator`,
          message: `${JSON.stringify(operator)} is not an operator; use In, NotIn, Exists or DoesNotExist`,
        },
      ];
  }
}

/** Whether a well-formed selector selects pods with these labels. */
export function selectorSelects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every((requirement) => requirementHolds(requirement, labels))
  );
}

function requirementHolds(
  { key, operator, values = [] }: Requirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}
