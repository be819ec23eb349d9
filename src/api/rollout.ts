import { apiVersionSchema, kindSchema, objectMetaSchema } from './metadata.ts';
import { rolloutSpecSchema } from './rollout-spec.ts';
import { rolloutStatusSchema } from './rollout-status.ts';
import { type Infer, struct } from './schema.ts';

export type { RolloutSpec } from './rollout-spec.ts';
export type { RolloutStatus } from './rollout-status.ts';

/** Keeps a number of pods running and brings in new versions with care. */
export const rolloutSchema = struct(
  { metadata: objectMetaSchema, spec: rolloutSpecSchema.describe('What is wanted.') },
  { apiVersion: apiVersionSchema, kind: kindSchema, status: rolloutStatusSchema.describe('What was seen and done.') },
).describe('Keeps a number of pods running and brings in new versions with care.');
export type Rollout = Infer<typeof rolloutSchema>;
