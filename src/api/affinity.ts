import { labelSelectorSchema } from './label-selector.ts';
import { atomic, atomicList, type Infer, int32, optional, struct, text } from './schema.ts';

const nodeRequirements = atomicList(struct({ key: text(), operator: text() }, { values: atomicList(text()) }));

const nodeSelectorTerm = atomic(optional({ matchExpressions: nodeRequirements, matchFields: nodeRequirements }));

const podAffinityTerm = struct(
  { topologyKey: text() },
  {
    labelSelector: labelSelectorSchema,
    namespaces: atomicList(text()),
    namespaceSelector: labelSelectorSchema,
    matchLabelKeys: atomicList(text()),
    mismatchLabelKeys: atomicList(text()),
  },
);

const podAffinity = optional({
  requiredDuringSchedulingIgnoredDuringExecution: atomicList(podAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: atomicList(struct({ weight: int32(), podAffinityTerm }, {})),
});

/** Scheduling affinity of a pod. */
export const affinitySchema = optional({
  nodeAffinity: optional({
    requiredDuringSchedulingIgnoredDuringExecution: atomic(
      struct({ nodeSelectorTerms: atomicList(nodeSelectorTerm) }, {}),
    ),
    preferredDuringSchedulingIgnoredDuringExecution: atomicList(
      struct({ weight: int32(), preference: nodeSelectorTerm }, {}),
    ),
  }),
  podAffinity,
  podAntiAffinity: podAffinity,
});
export type Affinity = Infer<typeof affinitySchema>;
export type PodAffinityTerm = Infer<typeof podAffinityTerm>;
