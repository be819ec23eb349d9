import { expect, test } from 'vitest';
import type { Rollout } from '../../../src/api/rollout.ts';
import { type SubscriptionSettings, subscriptionsOf } from '../../../src/core/notify/subscriptions.ts';
import { triggerOf } from '../../../src/core/notify/triggers.ts';

const SETTINGS: SubscriptionSettings = {
  subscriptions: [
    {
      recipients: [{ service: 'slack', recipient: 'team' }],
      triggers: ['on-rollout-aborted'],
      selector: [{ key: 'team', operator: '=', values: ['web'] }],
    },
    { recipients: [{ service: 'slack', recipient: 'everything' }], triggers: [], selector: [] },
  ],
  defaultTriggers: ['on-a', 'on-b'],
  defaultTriggersOf: new Map([['slack', ['on-default']]]),
};
const NONE: SubscriptionSettings = { subscriptions: [], defaultTriggers: [], defaultTriggersOf: new Map() };

const rolloutWith = (annotations: Record<string, string>, labels: Record<string, string> = {}): Rollout => ({
  metadata: { name: 'web', annotations, labels },
  spec: {},
});
const textsOf = (rollout: Rollout, settings: SubscriptionSettings) =>
  subscriptionsOf(rollout, settings).map(({ trigger, service, recipient }) => `${trigger} → ${service} ${recipient}`);

const PREFIX = 'notifications.argoproj.io/subscribe.';

test.each<[string, string, readonly string[]]>([
  ['on-x.slack', 'a; b;;', ['on-x → slack a', 'on-x → slack b']],
  ['on-x.hook', '', ['on-x → hook ']],
  ['slack', 'a', ['on-default → slack a']],
  ['hook', 'a', ['on-a → hook a', 'on-b → hook a']],
  ['on-x.slack', 'a;a', ['on-x → slack a']],
])('%s: %j', (key, value, expected) => {
  expect(textsOf(rolloutWith({ [PREFIX + key]: value, other: 'x' }), { ...SETTINGS, subscriptions: [] })).toEqual(
    expected,
  );
});

test('the ConfigMap subscribes Rollouts by their labels', () => {
  expect(textsOf(rolloutWith({}, { team: 'web' }), SETTINGS)).toEqual([
    'on-rollout-aborted → slack team',
    'on-default → slack everything',
  ]);
  expect(textsOf(rolloutWith({}, { team: 'other' }), SETTINGS)).toEqual(['on-default → slack everything']);
});

test('nobody asked, nobody is told', () => {
  expect(textsOf(rolloutWith({}), NONE)).toEqual([]);
});

test.each([
  ['RolloutAborted', 'on-rollout-aborted'],
  ['AnalysisRunFailed', 'on-analysis-run-failed'],
  ['ScalingReplicaSet', 'on-scaling-replica-set'],
  ['TrafficWeightUpdated', 'on-traffic-weight-updated'],
])('%s fires %s', (reason, trigger) => {
  expect(triggerOf(reason)).toBe(trigger);
});
