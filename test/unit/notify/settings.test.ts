import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { BUNDLED_TEMPLATES, BUNDLED_TRIGGERS } from '../../../src/core/notify/catalogue.ts';
import { resolveSecrets } from '../../../src/core/notify/secret-references.ts';
import { type NotificationSettings, parseSettings } from '../../../src/core/notify/settings.ts';

const settingsOf = (data: Record<string, string>): NotificationSettings =>
  parseSettings(data, (text): unknown => parse(text));

describe('the ConfigMap', () => {
  test('is read whole', () => {
    const settings = settingsOf({
      'service.slack': 'token: $slack-token',
      'service.webhook.ci.example': 'url: https://ci.example.com',
      'template.mine': 'message: hello {{.rollout.metadata.name}}',
      'trigger.on-degraded':
        '[{when: "rollout.status.phase == \'Degraded\'", oncePer: rollout.metadata.uid, send: [mine]}]',
      subscriptions:
        '[{recipients: ["slack:a:b", ci.example], triggers: [on-degraded], selector: "team=web"}, {recipients: [slack]}]',
      defaultTriggers: '[on-degraded]',
      'defaultTriggers.slack': '[on-rollout-aborted]',
      context: '{cluster: prod, region: 1}',
    });
    expect(settings.problems).toEqual([]);
    expect([...settings.services.values()]).toEqual([
      { type: 'slack', name: 'slack', options: { token: '$slack-token' } },
      { type: 'webhook', name: 'ci.example', options: { url: 'https://ci.example.com' } },
    ]);
    expect(settings.templates.has('mine')).toBe(true);
    expect(settings.triggers.get('on-degraded')).toMatchObject([
      {
        when: { source: "rollout.status.phase == 'Degraded'" },
        oncePer: { source: 'rollout.metadata.uid' },
        send: ['mine'],
      },
    ]);
    expect(settings.subscriptions).toEqual([
      {
        recipients: [
          { service: 'slack', recipient: 'a:b' },
          { service: 'ci.example', recipient: '' },
        ],
        triggers: ['on-degraded'],
        selector: [{ key: 'team', operator: '=', values: ['web'] }],
      },
      { recipients: [{ service: 'slack', recipient: '' }], triggers: [], selector: [] },
    ]);
    expect(settings.defaultTriggers).toEqual(['on-degraded']);
    expect(settings.defaultTriggersOf).toEqual(new Map([['slack', ['on-rollout-aborted']]]));
    expect(settings.context).toEqual({ cluster: 'prod', region: '1' });
  });

  test('an empty one has the catalogue', () => {
    const settings = settingsOf({});
    expect([...settings.triggers.keys()]).toEqual([...BUNDLED_TRIGGERS.keys()]);
    expect([...settings.templates.keys()]).toEqual([...BUNDLED_TEMPLATES.keys()]);
  });

  test.each<[string, string, string]>([
    ['service.slack', 'token: [', 'Flow sequence'],
    ['service.slack', '- a', 'must be a YAML object'],
    ['service.', '{}', 'names no type'],
    ['template.x', 'message: "{{.rollout"', 'template: x.message:1:'],
    ['template.x', 'message: [1]', 'message must be a text'],
    ['template.x', 'slack: no', 'slack must be an object'],
    ['trigger.x', '{}', 'must be a YAML list of conditions'],
    ['trigger.x', '[{when: "1 +", send: [rollout-aborted]}]', 'when: '],
    ['trigger.x', '[{oncePer: "((", send: [rollout-aborted]}]', 'oncePer: '],
    ['trigger.x', '[{when: "true"}]', 'send must name at least one template'],
    ['trigger.x', '[{send: [nowhere]}]', 'sends template "nowhere", which is not defined'],
    ['subscriptions', '[{recipients: [slack:a], selector: "a in"}]', 'invalid selector'],
    ['context', 'cluster: {a: b}', 'cluster must be a text'],
    ['servic.slack', 'token: x', 'unknown key; expected service.<type>'],
  ])('%s: %s is a problem of that key alone', (key, text, reason) => {
    const settings = settingsOf({ [key]: text, 'template.good': 'message: ok', 'service.webhook': 'url: x' });
    expect(settings.problems).toEqual([{ field: key, message: expect.stringContaining(reason) as string }]);
    expect(settings.templates.has('good')).toBe(true);
    expect(settings.services.has('webhook')).toBe(true);
  });

  test('what replaces a bundled template or trigger and is broken leaves none', () => {
    const settings = settingsOf({ 'template.rollout-aborted': 'message: "{{"', 'trigger.on-rollout-paused': '{}' });
    expect(settings.templates.has('rollout-aborted')).toBe(false);
    expect(settings.triggers.has('on-rollout-paused')).toBe(false);
    expect(settings.problems.map(({ field }) => field)).toEqual([
      'template.rollout-aborted',
      'trigger.on-rollout-paused',
      'trigger.on-rollout-aborted',
    ]);
  });
});

describe('$key', () => {
  const secret = new Map([
    ['slack-token', 'xoxb-1'],
    ['user', 'me'],
  ]);

  test('is filled in wherever a text stands', () => {
    const options = {
      token: '$slack-token',
      list: [{ value: 'Bearer $slack-token!' }],
      n: 1,
      deep: { login: '$user' },
    };
    expect(resolveSecrets(options, secret)).toEqual({
      options: { token: 'xoxb-1', list: [{ value: 'Bearer xoxb-1!' }], n: 1, deep: { login: 'me' } },
      secrets: ['xoxb-1', 'me'],
      missing: [],
    });
  });

  test('is named when the Secret lacks it', () => {
    expect(resolveSecrets({ a: '$nope', b: '$nope $user' }, secret)).toMatchObject({
      missing: ['nope'],
      secrets: ['me'],
    });
  });
});
