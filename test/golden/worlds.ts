import type { CanaryStrategy } from '../../src/api/canary.ts';
import type { RolloutSpec } from '../../src/api/rollout.ts';

/** The Rollout of most stories: five pods behind nginx. */
export function specOf(canary: CanaryStrategy, replicas = 5): RolloutSpec {
  return {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    strategy: { canary },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'v1' }] } },
  };
}

export const NGINX: CanaryStrategy = {
  canaryService: 'web-canary',
  stableService: 'web-stable',
  trafficRouting: { nginx: { stableIngress: 'web' } },
};
