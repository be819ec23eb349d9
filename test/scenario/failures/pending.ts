/** Why a scenario cannot be played yet. */
interface Pending {
  /** Feature that it needs, as a field of a Rollout that this version refuses; `[]` stands for an item of a list. */
  readonly needs: string;
  /** What of the scenario rests on it. */
  readonly reason: string;
}

const CANARY = 'spec.strategy.canary';
const STEP = `${CANARY}.steps[]`;
const DYNAMIC = `${CANARY}.dynamicStableScale`;
const ISTIO = `${CANARY}.trafficRouting.istio`;
const BLUE_GREEN = 'spec.strategy.blueGreen';

/** Scenarios that need something Linnet does not support yet. A row goes when its feature comes: a test sees to it. */
export const PENDING: Readonly<Record<string, Pending>> = {
  F01: { needs: DYNAMIC, reason: 'only then is the stable version small while a weight is raised' },
  F17: { needs: DYNAMIC, reason: 'only then is the stable version at 0 while it can still be aborted to' },
  F19: { needs: DYNAMIC, reason: 'the old spec comes back while the stable version is small' },
  F21: { needs: ISTIO, reason: 'subsets of a DestinationRule' },
  F22: { needs: 'spec.rollbackWindow', reason: 'a rollback within the window' },
  F23: { needs: `${STEP}.setCanaryScale`, reason: 'setWeight, then setCanaryScale' },
  F24: { needs: `${STEP}.setCanaryScale`, reason: 'matchTrafficWeight' },
  F25: { needs: `${STEP}.setHeaderRoute`, reason: 'a header route before the first weight' },
  F26: { needs: `${STEP}.setHeaderRoute`, reason: 'a header route beside weights' },
  F27: { needs: `${STEP}.setHeaderRoute`, reason: 'the life of a header route' },
  F34: { needs: ISTIO, reason: 'a route with weights that Git owns; nginx keeps its weight on an Ingress of our own' },
  F38: { needs: `${STEP}.experiment`, reason: 'an experiment with weight' },
  F39: { needs: `${STEP}.setCanaryScale`, reason: 'more canary pods than spec.replicas' },
  F43: { needs: `${CANARY}.trafficRouting.alb`, reason: 'target groups of a cloud load balancer' },
  F51: { needs: `${CANARY}.replicaProgressThreshold`, reason: 'the threshold' },
  F58: { needs: `${CANARY}.minPodsPerReplicaSet`, reason: 'the least number of pods' },
  F60: { needs: `${CANARY}.canaryMetadata`, reason: 'metadata that changes on live pods' },
  F75: { needs: BLUE_GREEN, reason: 'analysis before a blue-green promotion' },
  F84: { needs: 'spec.workloadRef', reason: 'a Deployment that lends its template' },
  F91: { needs: BLUE_GREEN, reason: 'a second broken blue-green revision' },
};
