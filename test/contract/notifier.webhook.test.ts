import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { WebhookPart } from '../../src/core/notify/message.ts';
import type { JsonObject } from '../../src/core/values/json.ts';
import type { HttpRequest } from '../../src/net/http-client.ts';
import { createWebhookNotifier } from '../../src/notifiers/webhook.ts';
import { describeNotifier } from './notifier.suite.ts';

const text = (status: number, body: string) => (response: ServerResponse) => {
  response.writeHead(status).end(body);
};

describeNotifier({
  name: 'webhook',
  create: (http) => createWebhookNotifier({ http }),
  options: (address, credential) => ({
    url: `${address}/hooks`,
    headers: [{ name: 'X-Api-Key', value: credential }],
    basicAuth: { username: 'linnet', password: credential },
  }),
  message: {
    text: 'Rollout web aborted',
    slack: { notifyBroadcast: false },
    webhook: new Map([['hook', { method: 'POST', path: 'aborted', body: '{"name":"web"}' }]]),
  },
  answers: { accepted: text(204, ''), refused: (reason) => text(400, reason) },
  expected: {
    method: 'POST',
    path: '/hooks/aborted',
    headers: {
      'x-api-key': 'T0PS3CR3T-credential',
      authorization: `Basic ${Buffer.from('linnet:T0PS3CR3T-credential').toString('base64')}`,
    },
    body: { name: 'web' },
  },
});

describe('the request of a webhook', () => {
  const requestFor = async (
    webhook: WebhookPart | undefined,
    options: JsonObject,
  ): Promise<HttpRequest | undefined> => {
    let request: HttpRequest | undefined;
    const notifier = createWebhookNotifier({
      http: {
        request: (made) => {
          request = made;
          return Promise.resolve({ status: 200, headers: {}, body: '' });
        },
        close: () => Promise.resolve(),
      },
    });
    await notifier.send({
      service: 'hook',
      options,
      recipient: '',
      message: {
        text: 'hello',
        slack: { notifyBroadcast: false },
        webhook: webhook === undefined ? new Map() : new Map([['hook', webhook]]),
      },
      redact: (value) => value,
      signal: new AbortController().signal,
    });
    return request;
  };
  const url = 'https://example.com/base';

  it.each([
    [undefined, { method: 'GET', url: 'https://example.com/base' }],
    [
      { method: 'PUT', path: '/root', body: 'x' },
      { method: 'PUT', url: 'https://example.com/root', body: 'x' },
    ],
    [
      { method: 'POST', path: 'more?x=1' },
      { method: 'POST', url: 'https://example.com/base/more?x=1' },
    ],
  ])('%j', async (webhook, expected) => {
    expect(await requestFor(webhook, { url })).toMatchObject(expected);
  });

  it.each([
    [{ method: 'POST', path: '//elsewhere.example/' }, { url }, 'does not stay on the host'],
    [{ method: 'DELETE' }, { url }, 'DELETE is none of GET, POST, PUT'],
    [undefined, { url: 'no url' }, 'has no valid url'],
  ])('is not made of %j and %j', async (webhook, options, reason) => {
    const expected = { kind: 'misconfigured', message: expect.stringContaining(reason) as string };
    await expect(requestFor(webhook, options)).rejects.toMatchObject(expected);
  });
});
