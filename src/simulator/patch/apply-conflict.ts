import { type FieldSet, formatPath, paths } from './field-set.ts';
import type { FieldManager } from './managed-fields.ts';

/** A field that an apply would change although somebody else owns it. */
export interface ApplyConflict {
  /** The owner as it is printed: `"kubectl-edit" using apps/v1`. */
  readonly manager: string;
  /** `.spec.replicas` */
  readonly field: string;
}

export function conflictsWith(owner: FieldManager, fields: FieldSet): readonly ApplyConflict[] {
  const manager = describe(owner);
  return paths(fields).map((path) => ({ manager, field: formatPath(path) }));
}

function describe(owner: FieldManager): string {
  const subresource = owner.subresource === undefined ? '' : ` with subresource ${JSON.stringify(owner.subresource)}`;
  const name = `${JSON.stringify(owner.manager)}${subresource}`;
  if (owner.operation === 'Apply') return name;
  return `${name} using ${owner.apiVersion}`;
}

/** The message of the 409 (`reason: Conflict`) that a conflicting apply is answered with. */
export function conflictMessage(conflicts: readonly ApplyConflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.field}`;
  }
  const managers = [...new Set(conflicts.map((conflict) => conflict.manager))].sort();
  const lines = managers.flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...conflicts.filter((conflict) => conflict.manager === manager).map((conflict) => `- ${conflict.field}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** The `details.causes` of that 409. */
export function conflictCauses(
  conflicts: readonly ApplyConflict[],
): readonly { readonly reason: 'FieldManagerConflict'; readonly message: string; readonly field: string }[] {
  return conflicts.map(({ manager, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field,
  }));
}
