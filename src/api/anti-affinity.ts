import { type Infer, int32, optional, struct } from './schema.ts';

/** Keeps pods of the new version away from nodes of the stable one. Exactly one of the two. */
export const antiAffinitySchema = optional({
  requiredDuringSchedulingIgnoredDuringExecution: optional({}),
  preferredDuringSchedulingIgnoredDuringExecution: struct({ weight: int32('1 to 100.') }, {}),
});
export type AntiAffinity = Infer<typeof antiAffinitySchema>;
