/** Something wrong with an object. */
export interface Problem {
  /** Path of the field, e.g. `spec.strategy.canary.steps[2].setWeight`. */
  readonly field: string;
  /** What is wrong, and what to do where that is not plain. */
  readonly message: string;
}

/** One line for conditions, logs and `lint`. */
export function formatProblem({ field, message }: Problem): string {
  return field === '' ? message : `${field}: ${message}`;
}

/** A list of one problem when `wrong`, of none otherwise: validation is a sum of these. */
export function when(wrong: boolean, field: string, message: string): readonly Problem[] {
  return wrong ? [{ field, message }] : [];
}

/** As Kubernetes words it. */
export function negative(value: number | undefined, field: string): readonly Problem[] {
  return when(value !== undefined && value < 0, field, 'must be greater than or equal to 0');
}

/** Path of a field below another: `a.b`, `a[0]`, `a["b.c"]`. */
export function join(path: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  const name = String(key);
  if (!/^[A-Za-z_][\w-]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}
