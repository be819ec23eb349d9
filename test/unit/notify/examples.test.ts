import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ConfigMap } from '../../../src/api/core-types.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { parseSettings } from '../../../src/core/notify/settings.ts';
import { subscriptionsOf } from '../../../src/core/notify/subscriptions.ts';
import { manifestsIn } from '../../support/test-cluster.ts';

const [rollout] = manifestsIn('examples/notifications/rollout.yaml') as unknown as Rollout[];

test.each([
  ['slack.yaml', 3],
  ['own-messages.yaml', 5],
])('examples/notifications/%s has no problem, and everybody in it can be reached', (file, count) => {
  const [configMap] = manifestsIn(`examples/notifications/${file}`) as ConfigMap[];
  const settings = parseSettings(configMap?.data ?? {}, (text): unknown => parse(text));
  expect(settings.problems).toEqual([]);
  const subscriptions = subscriptionsOf(rollout!, settings);
  expect(subscriptions).toHaveLength(count);
  expect(
    subscriptions.filter(({ trigger, service }) => !settings.triggers.has(trigger) || !settings.services.has(service)),
  ).toEqual([]);
});
