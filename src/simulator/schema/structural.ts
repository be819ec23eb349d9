/** What the API server does with a custom resource's structural schema. */
export { decodeStruct } from './decode-struct.ts';
export { applyDefaults } from './defaults.ts';
export { summarizeFieldErrors } from './field-error.ts';
export { prune } from './prune.ts';
export type { StructuralSchema, ValidationRule } from './structural-schema.ts';
export { validate } from './validate.ts';
