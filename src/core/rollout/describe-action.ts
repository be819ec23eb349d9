import type { Action } from './action.ts';

/** What an action does, in a few words: for messages, logs and golden stories. Equal actions read alike. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'createReplicaSet':
      return `create ReplicaSet ${action.replicaSet.metadata.name ?? ''}`;
    case 'scaleReplicaSet':
      return `scale ReplicaSet ${action.target.name} from ${action.from} to ${action.to}`;
    case 'patchReplicaSet':
      return `patch ReplicaSet ${action.target.name}: ${action.why}`;
    case 'deleteReplicaSet':
      return `delete ReplicaSet ${action.target.name}`;
    case 'setServiceSelector':
      return `point Service ${action.service} at ${action.to}`;
    case 'setTraffic':
      return `set canary weight ${action.intent.canaryWeight}`;
    case 'silenceRoute':
      return `take the weight from Ingress ${action.target.name}, which the spec no longer asks for`;
    case 'createAnalysisRun':
      return `create AnalysisRun ${action.run.metadata.name ?? ''}`;
    case 'terminateAnalysisRun':
      return `terminate AnalysisRun ${action.target.name}`;
    case 'deleteAnalysisRun':
      return `delete AnalysisRun ${action.target.name}`;
    case 'evictPod':
      return `evict pod ${action.target.name}`;
    case 'patchRollout':
      return `patch Rollout: ${action.why}`;
  }
}
