import * as z from 'zod';
import type { ObjectMeta } from './object-meta.ts';
import { type Infer, optional, stringMap, text } from './schema.ts';

/** `metadata` of a top-level object. The API server judges it itself, so only what people write is looked at here. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API server guarantees the rest of the type
export const objectMetaSchema = z.looseObject({
  name: z.string().exactOptional(),
  generateName: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  labels: z.record(z.string(), z.string()).exactOptional(),
  annotations: z.record(z.string(), z.string()).exactOptional(),
}) as unknown as z.ZodType<ObjectMeta>;

/** The first two fields of every object, and its metadata. */
export const apiVersionSchema = text('Version of the API that this object is written in: argoproj.io/v1alpha1.');
export const kindSchema = text('Kind of this object.');

/** Labels and annotations put on objects or pods that a controller makes. */
export const labelsAndAnnotationsSchema = optional({
  labels: stringMap(),
  annotations: stringMap(),
});
export type LabelsAndAnnotations = Infer<typeof labelsAndAnnotationsSchema>;
