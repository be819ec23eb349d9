import type { Mutation } from '../mutation.ts';

const STORIES = 'golden/stories.test.ts';
const TRAFFIC = 'scenario/failures/traffic.test.ts';

/** Where requests go. */
export const TRAFFIC_MUTATIONS: readonly Mutation[] = [
  {
    id: 'weight-before-endpoints',
    hurts: 'users are sent to a canary of which the proxy knows no pod: 503 at each step',
    file: 'core/rollout/canary/weights.ts',
    find: 'const obstacle = obstacleToRaise(situation, wanted);',
    replace:
      'if (availableOf(facts.newest) >= podsForWeight(facts.desired, wanted, facts.maxWeight)) return wanted;\n  const obstacle = obstacleToRaise(situation, wanted);',
    caughtBy: {
      scenario: STORIES,
      test: 'scale-during-pause > reads as approved and breaks no invariant',
    },
  },
  {
    id: 'weight-before-propagation',
    hurts: 'the proxy gets the weight before it has heard of the pods that EndpointSlices already list',
    file: 'core/rollout/canary/weights.ts',
    find: 'if (known !== undefined && known <= facts.now) return wanted;',
    replace: 'if (known !== undefined) return wanted;',
    caughtBy: { world: 41 },
  },
  {
    id: 'weight-not-awaited',
    hurts: 'a step is over, and its pause begins, while no user has seen its weight yet',
    file: 'core/rollout/canary/steps.ts',
    find: 'const isCarried = traffic.weight === weight && traffic.inEffect;',
    replace: 'const isCarried = traffic.weight === weight;',
    caughtBy: {
      scenario: STORIES,
      test: 'healthy-canary-nginx > reads as approved and breaks no invariant',
    },
  },
  {
    id: 'promoted-before-weight-in-effect',
    hurts: 'the stable Service changes its pods while the proxy still sends most users to it',
    file: 'core/rollout/canary/promotion.ts',
    find: 'return traffic.weight === facts.maxWeight && traffic.inEffect &&',
    replace: 'return traffic.weight === facts.maxWeight &&',
    caughtBy: {
      scenario: STORIES,
      test: 'promote-full > reads as approved and breaks no invariant',
    },
  },
  {
    id: 'canary-service-switched-under-weight',
    hurts: 'a third version gets the share of the second one at once, unseen by any step',
    file: 'core/rollout/canary/services.ts',
    find: 'if (traffic.weight === 0 && traffic.inEffect) return undefined;',
    replace: 'if (traffic.weight <= facts.maxWeight) return undefined;',
    caughtBy: {
      scenario: TRAFFIC,
      test: 'F20 v3 during v2: the canary Service changes when no request reaches v2, whose pods drain',
    },
  },
  {
    id: 'service-switched-before-pods',
    hurts: 'whoever moves from a Deployment has a Service without pods for as long as the first ones take to start',
    file: 'core/rollout/canary/services.ts',
    find: 'return available >= needed ? undefined',
    replace: 'return available >= 0 ? undefined',
    caughtBy: {
      scenario: TRAFFIC,
      test: 'F31 first adoption: a Service that serves a Deployment is switched when all pods of the Rollout are available',
    },
  },
  {
    id: 'traffic-returns-without-capacity',
    hurts: 'an abort sends everybody to the few pods that the stable version has left',
    file: 'core/rollout/canary/weights.ts',
    find: 'return Math.max(0, maxWeight - Math.floor((maxWeight * (stable + TOLERATED_PODS)) / desired));',
    replace: 'return 0;',
    caughtBy: {
      scenario: 'scenario/failures/scaling.test.ts',
      test: 'F54 capacity at an abort under load: traffic returns at the speed of the pods that come up',
    },
  },
  {
    id: 'dead-canary-keeps-weight',
    hurts: 'a canary whose pods have died keeps its share of the users',
    file: 'core/rollout/canary/weights.ts',
    find: 'if (capacity === 0) return 0;',
    replace: 'if (capacity === 0) return weight;',
    caughtBy: {
      scenario: TRAFFIC,
      test: 'F28 canary pods die mid-step: > the weight goes to 0 with the next pass, and comes back with them',
    },
  },
  {
    id: 'route-not-made',
    hurts: 'the canary Ingress of a new Rollout is never made, and the Rollout never Healthy',
    file: 'core/rollout/canary/weights.ts',
    find: 'return isIncomplete || !traffic.agreed || traffic.verified === false;',
    replace: 'return !traffic.agreed || traffic.verified === false;',
    caughtBy: {
      scenario: TRAFFIC,
      test: 'F33 weights edited by hand: put right within 5 s, and a deleted route is made again',
    },
  },
  {
    id: 'stray-route-keeps-weight',
    hurts: 'a route that the spec no longer names keeps its weight, which the next version gets at once',
    file: 'core/rollout/canary/plan.ts',
    find: 'for (const { name, uid, patch } of observed.strayRoutes ?? []) {',
    replace: 'for (const { name, uid, patch } of (observed.strayRoutes ?? []).slice(1)) {',
    caughtBy: {
      scenario: 'scenario/failures/spec-changes.test.ts',
      test: 'F87 strategy or router switched: > routing removed in the middle of an update: no route of ours is left with a weight',
    },
  },
  {
    id: 'foreign-annotations-overwritten',
    hurts: 'what operators add to the canary Ingress, such as a rate limit, is gone with the next weight',
    file: 'traffic/nginx.ts',
    find: '...(changed.length > 0 ? { metadata: { annotations: Object.fromEntries(changed) } } : {}),',
    replace:
      '...(changed.length > 0 ? { metadata: { annotations: { ...Object.fromEntries(Object.keys(live.metadata.annotations ?? {}).map((key) => [key, null])), ...annotations } } } : {}),',
    caughtBy: {
      scenario: TRAFFIC,
      test: 'F37 foreign backends, annotations and fields are the same after a release',
    },
  },
  {
    id: 'foreign-service-fields-overwritten',
    hurts: 'sticky sessions of a Service end when its version changes',
    file: 'controllers/rollout/apply.ts',
    find: 'spec: { selector: { [POD_TEMPLATE_HASH_LABEL]: hash } },',
    replace: "spec: { selector: { [POD_TEMPLATE_HASH_LABEL]: hash }, sessionAffinity: 'None' },",
    caughtBy: {
      scenario: TRAFFIC,
      test: 'F37 foreign backends, annotations and fields are the same after a release',
    },
  },
];
