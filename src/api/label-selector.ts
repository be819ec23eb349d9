import { atomic, atomicList, type Infer, optional, stringMap, struct, text } from './schema.ts';

/** Kubernetes' label selector: all `matchLabels` and all `matchExpressions` must hold. */
export const labelSelectorSchema = atomic(
  optional({
    matchLabels: stringMap('Labels that must have exactly these values.'),
    matchExpressions: atomicList(
      struct(
        { key: text('Label key.'), operator: text('In, NotIn, Exists or DoesNotExist.') },
        { values: atomicList(text(), 'Required for In and NotIn.') },
      ),
    ),
  }),
);
export type LabelSelector = Infer<typeof labelSelectorSchema>;
