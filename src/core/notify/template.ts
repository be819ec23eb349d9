import type { EpochMs } from '../../api/time.ts';
import { compileTemplate } from '../gotemplate/compile.ts';
import { execute } from '../gotemplate/execute.ts';
import type { Template } from '../gotemplate/syntax.ts';
import type { TemplateMap, TemplateValue } from '../gotemplate/template-value.ts';
import type { JsonObject } from '../values/json.ts';
import { isJsonObject, member } from '../values/json.ts';
import type { NotificationMessage, WebhookPart } from './message.ts';

/** A template of the ConfigMap or of the catalogue, ready to be executed. */
export interface NotificationTemplate {
  readonly name: string;
  readonly message: Template;
  readonly slack: SlackTemplates;
  readonly webhook: ReadonlyMap<string, WebhookTemplates>;
}

interface SlackTemplates {
  readonly texts: ReadonlyMap<SlackText, Template>;
  readonly notifyBroadcast: boolean;
}

interface WebhookTemplates {
  readonly method: string;
  readonly path: Template | undefined;
  readonly body: Template | undefined;
}

const SLACK_TEXTS = ['attachments', 'blocks', 'username', 'icon', 'groupingKey'] as const;
type SlackText = (typeof SLACK_TEXTS)[number];

/** What a webhook is called with when the template does not say: as in Argo's notifications. */
const DEFAULT_METHOD = 'GET';

/**
 * Reads the value of a `template.<name>` key, already parsed from YAML. What other services would use is left alone.
 * @throws TemplateError for Go template syntax, Error for values of the wrong type.
 */
export function compileNotification(name: string, definition: JsonObject): NotificationTemplate {
  const compiled = (object: JsonObject, key: string, path: string): Template | undefined => {
    const source = textOf(object, key, path);
    return source === undefined ? undefined : compileTemplate(`${name}.${path}${key}`, source);
  };
  const slack = objectOf(definition, 'slack');
  const texts = SLACK_TEXTS.map((key) => [key, compiled(slack, key, 'slack.')] as const);
  const webhook = Object.keys(objectOf(definition, 'webhook')).map((service) => {
    const call = objectOf(objectOf(definition, 'webhook'), service);
    const path = `webhook.${service}.`;
    return [
      service,
      {
        method: (textOf(call, 'method', path) ?? DEFAULT_METHOD).toUpperCase(),
        path: compiled(call, 'path', path),
        body: compiled(call, 'body', path),
      },
    ] as const;
  });
  return {
    name,
    message: compiled(definition, 'message', '') ?? compileTemplate(name, ''),
    slack: {
      texts: new Map(texts.flatMap(([key, template]) => (template === undefined ? [] : [[key, template]]))),
      notifyBroadcast: member(slack, 'notifyBroadcast') === true,
    },
    webhook: new Map(webhook),
  };
}

function objectOf(object: JsonObject, key: string): JsonObject {
  const value = member(object, key);
  if (value === undefined || value === null) return {};
  if (isJsonObject(value)) return value;
  throw new Error(`${key} must be an object`);
}

function textOf(object: JsonObject, key: string, path: string): string | undefined {
  const value = member(object, key);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new Error(`${path}${key} must be a text`);
}

/**
 * Fills a template in.
 * @throws TemplateError with the place and the reason.
 */
export function renderNotification(
  template: NotificationTemplate,
  variables: TemplateMap,
  now: EpochMs,
): NotificationMessage {
  const render = (source: Template) => execute(source, variables, { now, functions: { slackText } });
  const texts = [...template.slack.texts].map(([key, source]) => [key, render(source)] as const);
  const webhook = [...template.webhook].map(([service, { method, path, body }]): [string, WebhookPart] => [
    service,
    {
      method,
      ...(path === undefined ? {} : { path: render(path) }),
      ...(body === undefined ? {} : { body: render(body) }),
    },
  ]);
  return {
    text: render(template.message).trim(),
    slack: {
      ...Object.fromEntries(texts.filter(([, text]) => text.trim() !== '')),
      notifyBroadcast: template.slack.notifyBroadcast,
    },
    webhook: new Map(webhook),
  };
}

/** A text as it may stand inside of a JSON string of `attachments` or `blocks`: Slack's three entities, then JSON's. */
function slackText(value: TemplateValue): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value ?? '') ?? '');
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return JSON.stringify(escaped).slice(1, -1);
}
