import type { ServerResponse } from 'node:http';
import { afterAll, describe, expect, it } from 'vitest';
import type { NotificationMessage, SlackPart } from '../../src/core/notify/message.ts';
import type { JsonObject } from '../../src/core/values/json.ts';
import { createEgressPolicy, IN_CLUSTER_RULES } from '../../src/net/egress-policy.ts';
import { createHttpClient } from '../../src/net/http-client.ts';
import { createSlackNotifier } from '../../src/notifiers/slack.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { loopback } from './loopback.ts';
import { describeNotifier } from './notifier.suite.ts';

const messageWith = (slack: Partial<SlackPart> = {}): NotificationMessage => ({
  text: 'Rollout web aborted',
  slack: { notifyBroadcast: false, ...slack },
  webhook: new Map(),
});
const json = (body: object) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const text = (status: number, body: string) => (response: ServerResponse) => {
  response.writeHead(status).end(body);
};

describeNotifier({
  name: 'slack by token',
  create: (http, address) => createSlackNotifier({ http, slackApiUrl: `${address}/api` }),
  options: (_address, token) => ({ token }),
  message: messageWith({ blocks: '[{"type":"divider"}]' }),
  answers: { accepted: json({ ok: true, ts: '1.1' }), refused: (error) => json({ ok: false, error }) },
  expected: {
    method: 'POST',
    path: '/api/chat.postMessage',
    headers: { authorization: 'Bearer T0PS3CR3T-credential' },
    body: { channel: 'releases', text: 'Rollout web aborted', blocks: [{ type: 'divider' }] },
  },
});

describeNotifier({
  name: 'slack by incoming webhook',
  create: (http) => createSlackNotifier({ http, slackApiUrl: 'https://slack.com/api' }),
  options: (address, secret) => ({ webhookURL: `${address}/services/T1/B1/${secret}` }),
  message: messageWith(),
  answers: { accepted: text(200, 'ok'), refused: (reason) => text(404, reason) },
  expected: {
    method: 'POST',
    path: '/services/T1/B1/T0PS3CR3T-credential',
    body: { text: 'Rollout web aborted' },
  },
});

describe('what only Slack has', () => {
  const bodies: JsonObject[] = [];
  let answer: object = { ok: true, ts: '17.5' };
  const http = createHttpClient({ policy: createEgressPolicy(IN_CLUSTER_RULES), clock: systemClock });
  const server = loopback((_request, response, body) => {
    bodies.push(JSON.parse(body) as JsonObject);
    json(answer)(response);
  });
  afterAll(async () => {
    await http.close();
    await (await server)[Symbol.asyncDispose]();
  });
  const notifierAt = async () => createSlackNotifier({ http, slackApiUrl: (await server).url });
  const deliveryOf = (slack: Partial<SlackPart>, options: JsonObject = {}, recipient = 'releases') => ({
    service: 'slack',
    options: { token: 'xoxb-1', ...options },
    recipient,
    message: messageWith(slack),
    redact: (value: string) => value,
    signal: new AbortController().signal,
  });

  it('forms threads by groupingKey and channel', async () => {
    const notifier = await notifierAt();
    await notifier.send(deliveryOf({ groupingKey: 'r2' }));
    await notifier.send(deliveryOf({ groupingKey: 'r2', notifyBroadcast: true }));
    await notifier.send(deliveryOf({ groupingKey: 'r3' }));
    await notifier.send(deliveryOf({ groupingKey: 'r2' }, {}, 'elsewhere'));
    expect(bodies.splice(0).map((body) => [body['thread_ts'], body['reply_broadcast']])).toEqual([
      [undefined, undefined],
      ['17.5', true],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it('dresses the bot as the service or the template says', async () => {
    const notifier = await notifierAt();
    await notifier.send(deliveryOf({}, { username: 'linnet', icon: ':bird:', disableUnfurl: true }));
    await notifier.send(deliveryOf({ username: 'other', icon: 'https://example.com/i.png' }, { username: 'linnet' }));
    expect(bodies.splice(0)).toMatchObject([
      { username: 'linnet', icon_emoji: ':bird:', unfurl_links: false, unfurl_media: false },
      { username: 'other', icon_url: 'https://example.com/i.png', unfurl_links: true },
    ]);
  });

  it.each([
    ['channel_not_found', 'rejected', 'invite the app'],
    ['invalid_auth', 'rejected', 'bot token in the Secret'],
    ['internal_error', 'unreachable', 'internal_error'],
    ['ratelimited', 'unreachable', 'ratelimited'],
  ])('says what to do about %s', async (error, kind, remedy) => {
    answer = { ok: false, error };
    const notifier = await notifierAt();
    const expected = { kind, message: expect.stringContaining(remedy) as string };
    await expect(notifier.send(deliveryOf({}))).rejects.toMatchObject(expected);
    bodies.splice(0);
  });

  it.each([
    [deliveryOf({ blocks: '{"type":"divider"}' }), 'slack.blocks'],
    [deliveryOf({ attachments: '[{' }), 'slack.attachments'],
    [deliveryOf({}, {}, ''), 'names no Slack channel'],
  ])('sends nothing that cannot be right', async (delivery, reason) => {
    const expected = { kind: 'misconfigured', message: expect.stringContaining(reason) as string };
    await expect((await notifierAt()).send(delivery)).rejects.toMatchObject(expected);
    expect(bodies).toEqual([]);
  });
});
