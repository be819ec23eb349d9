import { compareByBytes } from './byte-order.ts';

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** What `metav1.LabelSelector` looks like in JSON. */
export interface LabelSelectorLike {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined }[]
    | undefined;
}

/** One condition on labels. All conditions of a selector must hold. */
export type Requirement =
  | { readonly key: string; readonly operator: '=' | '!=' | 'in' | 'notin'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'exists' | '!' }
  | { readonly key: string; readonly operator: '>' | '<'; readonly bound: number };

/** Whether labels fulfil every requirement; no requirement at all accepts everything. */
export function fulfils(requirements: readonly Requirement[], labels: Labels | undefined): boolean {
  return requirements.every((requirement) => holds(requirement, labels ?? {}));
}

function holds(requirement: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case '=':
    case 'in':
      return value !== undefined && requirement.values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !requirement.values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '>':
      return value !== undefined && isInteger(value) && Number(value) > requirement.bound;
    case '<':
      return value !== undefined && isInteger(value) && Number(value) < requirement.bound;
  }
}

/** Whether a text is an integer as `>` and `<` compare them. */
export function isInteger(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

/**
 * Whether labels match a `metav1.LabelSelector`. As in Kubernetes an empty selector matches everything and an absent one
 * nothing; so does one with an operator that does not exist.
 */
export function matchesLabelSelector(selector: LabelSelectorLike | undefined, labels: Labels | undefined): boolean {
  const requirements = requirementsOf(selector);
  return requirements !== undefined && fulfils(requirements, labels);
}

/** The conditions of a `metav1.LabelSelector`, sorted by key; undefined when it is absent or invalid and matches nothing. */
export function requirementsOf(selector: LabelSelectorLike | undefined): readonly Requirement[] | undefined {
  if (selector === undefined) return undefined;
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push({ key, operator: '=', values: [value] });
  }
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const requirement = requirementOf(key, operator, values);
    if (requirement === undefined) return undefined;
    requirements.push(requirement);
  }
  return requirements.sort((left, right) => compareByBytes(left.key, right.key));
}

function requirementOf(key: string, operator: string, values: readonly string[]): Requirement | undefined {
  switch (operator) {
    case 'In':
      return values.length === 0 ? undefined : { key, operator: 'in', values };
    case 'NotIn':
      return values.length === 0 ? undefined : { key, operator: 'notin', values };
    case 'Exists':
      return values.length === 0 ? { key, operator: 'exists' } : undefined;
    case 'DoesNotExist':
      return values.length === 0 ? { key, operator: '!' } : undefined;
    default:
      return undefined;
  }
}

/**
 * A `metav1.LabelSelector` as text, as `metav1.FormatLabelSelector` writes it (`status.selector`, kubectl columns):
 * `<none>` when it has no conditions, `<error>` when it is invalid.
 */
export function formatLabelSelector(selector: LabelSelectorLike | undefined): string {
  if (selector === undefined) return '<none>';
  const requirements = requirementsOf(selector);
  if (requirements === undefined) return '<error>';
  return requirements.length === 0 ? '<none>' : formatRequirements(requirements);
}

/** Requirements in the form of a `labelSelector` query parameter. */
export function formatRequirements(requirements: readonly Requirement[]): string {
  return requirements.map(formatRequirement).join(',');
}

function formatRequirement(requirement: Requirement): string {
  const { key } = requirement;
  switch (requirement.operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case '=':
    case '!=':
      return `${key}${requirement.operator}${requirement.values.join(',')}`;
    case 'in':
    case 'notin':
      return `${key} ${requirement.operator} (${requirement.values.toSorted(compareByBytes).join(',')})`;
    case '>':
    case '<':
      return `${key}${requirement.operator}${requirement.bound}`;
  }
}
