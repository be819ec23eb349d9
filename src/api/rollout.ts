import { apiVersionSchema, kindSchema, objectMetaSchema } from './metadata.ts';
import { rolloutSpecSchema } from './rollout-spec.ts';
import { type RolloutStatus, rolloutStatusSchema } from './rollout-status.ts';
import { type Infer, serverDefault, struct } from './schema.ts';

export type { RolloutSpec } from './rollout-spec.ts';
export type { RolloutStatus } from './rollout-status.ts';

const LONG_AGO = '1970-01-01T00:00:00Z';

/** To kstatus an object without a status is ready. So a Rollout that no controller has seen yet says that it is not. */
const UNSEEN: RolloutStatus = {
  conditions: [
    {
      type: 'Ready',
      status: 'Unknown',
      reason: 'Pending',
      message: 'Waiting for the controller',
      lastTransitionTime: LONG_AGO,
      lastUpdateTime: LONG_AGO,
    },
  ],
};

/** Keeps a number of pods running and brings in new versions with care. */
export const rolloutSchema = struct(
  { metadata: objectMetaSchema, spec: rolloutSpecSchema.describe('What is wanted.') },
  {
    apiVersion: apiVersionSchema,
    kind: kindSchema,
    status: serverDefault(rolloutStatusSchema.describe('What was seen and done.'), UNSEEN),
  },
).describe('Keeps a number of pods running and brings in new versions with care.');
export type Rollout = Infer<typeof rolloutSchema>;
