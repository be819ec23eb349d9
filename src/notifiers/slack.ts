import type { SlackPart } from '../core/notify/message.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, member } from '../core/values/json.ts';
import type { HttpClient, HttpResponse } from '../net/http-client.ts';
import { type Delivery, type Notifier, NotifierError } from './notifier.ts';
import { exchange, refusal } from './post.ts';

export interface SlackOptions {
  readonly http: HttpClient;
  /** Base URL of the Web API, without a slash at the end. */
  readonly slackApiUrl: string;
}

/** Threads that are remembered; a forgotten one is begun anew. */
const MAX_THREADS = 1000;
const JSON_TYPE = 'application/json; charset=utf-8';

/** `error` of an answer after which the same message may succeed. */
const TRANSIENT_ERRORS: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'service_unavailable',
]);

/** What to do about the errors that people meet. */
const REMEDIES: Readonly<Record<string, string>> = {
  channel_not_found: 'check the name, and invite the app to the channel if it is private',
  not_in_channel: 'invite the app to the channel: /invite @your-app',
  is_archived: 'choose another channel',
  invalid_auth: 'check the bot token in the Secret',
  not_authed: 'check the bot token in the Secret',
  token_revoked: 'put a new bot token into the Secret',
  token_expired: 'put a new bot token into the Secret',
  account_inactive: 'put the token of an app that is installed into the Secret',
  missing_scope: 'give the app the scope chat:write (and chat:write.customize for username or icon)',
  invalid_blocks: 'check slack.blocks of the template',
  invalid_attachments: 'check slack.attachments of the template',
  no_text: 'give the template a message, blocks or attachments',
};

/** Slack, by a bot token (`token`) or an incoming webhook (`webhookURL`). */
export function createSlackNotifier({ http, slackApiUrl }: SlackOptions): Notifier {
  const threads = new Threads();
  return {
    type: 'slack',
    send: async (delivery) => {
      const { options } = delivery;
      const token = textOf(options, 'token');
      const webhook = textOf(options, 'webhookURL');
      if (token !== '') await postMessage(http, textOf(options, 'apiURL') || slackApiUrl, token, delivery, threads);
      else if (webhook !== '') await postToWebhook(http, webhook, delivery);
      else throw misconfigured(delivery, 'has neither token nor webhookURL; set one to a key of the Secret');
    },
  };
}

async function postMessage(
  http: HttpClient,
  apiUrl: string,
  token: string,
  delivery: Delivery,
  threads: Threads,
): Promise<void> {
  const { recipient, message } = delivery;
  if (recipient === '') throw new NotifierError('misconfigured', 'the subscription names no Slack channel');
  const thread = threads.of(delivery);
  const response = await exchange(
    http,
    {
      method: 'POST',
      url: `${apiUrl.replace(/\/+$/, '')}/chat.postMessage`,
      headers: { 'content-type': JSON_TYPE, authorization: `Bearer ${token}` },
      body: JSON.stringify({
        channel: recipient,
        ...contentOf(delivery),
        ...(thread === undefined ? {} : { thread_ts: thread, reply_broadcast: message.slack.notifyBroadcast }),
      }),
      insecure: member(delivery.options, 'insecureSkipVerify') === true,
    },
    delivery,
  );
  threads.began(delivery, textOf(accepted(response, delivery), 'ts'));
}

/** The channel belongs to the webhook's address; it answers `ok` or a word that says what is wrong. */
async function postToWebhook(http: HttpClient, url: string, delivery: Delivery): Promise<void> {
  const response = await exchange(
    http,
    { method: 'POST', url, headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(contentOf(delivery)) },
    delivery,
  );
  if (response.status !== 200) throw new NotifierError('rejected', `Slack: ${refusal(response, delivery.redact)}`);
}

/** Slack says with status 200 that it refuses. */
function accepted(response: HttpResponse, { recipient, redact }: Delivery): JsonObject {
  const answer = parse(response.body);
  if (answer === undefined || !isJsonObject(answer)) {
    throw new NotifierError('unreachable', `this is not Slack's API: ${refusal(response, redact)}`);
  }
  if (member(answer, 'ok') === true) return answer;
  const error = textOf(answer, 'error') || 'no reason given';
  const remedy = REMEDIES[error];
  const text = `Slack refused the message to "${recipient}": ${redact(error)}${remedy === undefined ? '' : `: ${remedy}`}`;
  throw new NotifierError(TRANSIENT_ERRORS.has(error) ? 'unreachable' : 'rejected', text);
}

function contentOf(delivery: Delivery): JsonObject {
  const { options, message } = delivery;
  const { slack } = message;
  const icon = slack.icon ?? textOf(options, 'icon');
  const username = slack.username ?? textOf(options, 'username');
  const mayUnfurl = member(options, 'disableUnfurl') !== true;
  return {
    text: message.text,
    unfurl_links: mayUnfurl,
    unfurl_media: mayUnfurl,
    ...listOf(slack, 'attachments'),
    ...listOf(slack, 'blocks'),
    ...(username === '' ? {} : { username }),
    ...(icon === '' ? {} : icon.startsWith(':') ? { icon_emoji: icon } : { icon_url: icon }),
  };
}

function listOf(slack: SlackPart, key: 'attachments' | 'blocks'): JsonObject {
  const source = slack[key];
  if (source === undefined) return {};
  const list = parse(source);
  if (list === undefined || !isJsonArray(list)) {
    throw new NotifierError('misconfigured', `slack.${key} of the template does not make a JSON list`);
  }
  return { [key]: list };
}

function parse(source: string): JsonValue | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JSON.parse returns
    return JSON.parse(source) as JsonValue;
  } catch {
    return undefined;
  }
}

function textOf(object: JsonObject, key: string): string {
  const value = member(object, key);
  return typeof value === 'string' ? value.trim() : '';
}

function misconfigured({ service }: Delivery, text: string): NotifierError {
  return new NotifierError('misconfigured', `service.${service} ${text}`);
}

/** The first message of each thread, by channel and `groupingKey`. In memory only: a restart begins new threads. */
class Threads {
  readonly #timestamps = new Map<string, string>();

  of(delivery: Delivery): string | undefined {
    const key = keyOf(delivery);
    return key === undefined ? undefined : this.#timestamps.get(key);
  }

  began(delivery: Delivery, timestamp: string): void {
    const key = keyOf(delivery);
    if (key === undefined || timestamp === '' || this.#timestamps.has(key)) return;
    this.#timestamps.set(key, timestamp);
    const [oldest] = this.#timestamps.keys();
    if (this.#timestamps.size > MAX_THREADS && oldest !== undefined) this.#timestamps.delete(oldest);
  }
}

function keyOf({ service, recipient, message }: Delivery): string | undefined {
  const { groupingKey } = message.slack;
  return groupingKey === undefined ? undefined : JSON.stringify([service, recipient, groupingKey]);
}
