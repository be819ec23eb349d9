import type { Problem } from '../../api/validate/problem.ts';
import { compile, type Program } from '../expr/expr.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, member } from '../values/json.ts';
import { parseSelector } from '../values/selector-parser.ts';
import { BUNDLED_TEMPLATES, BUNDLED_TRIGGERS } from './catalogue.ts';
import type { DefaultSubscription, SubscriptionSettings } from './subscriptions.ts';
import { compileNotification, type NotificationTemplate } from './template.ts';
import type { TriggerCondition } from './triggers.ts';

/** Argo Rollouts' names of the two objects, in the controller's namespace. */
export const NOTIFICATION_CONFIG_MAP = 'argo-rollouts-notification-configmap';
export const NOTIFICATION_SECRET = 'argo-rollouts-notification-secret';

/** A place to send to, as `service.<type>[.<name>]` describes it; `$key` in its texts means a key of the Secret. */
interface ServiceSettings {
  readonly type: string;
  readonly name: string;
  readonly options: JsonObject;
}

/** What the ConfigMap says, the bundled catalogue included. */
export interface NotificationSettings extends SubscriptionSettings {
  readonly services: ReadonlyMap<string, ServiceSettings>;
  readonly templates: ReadonlyMap<string, NotificationTemplate>;
  readonly triggers: ReadonlyMap<string, readonly TriggerCondition[]>;
  readonly context: Readonly<Record<string, string>>;
  /** One for each thing that cannot be understood; everything else works. `field` is the key of the ConfigMap. */
  readonly problems: readonly Problem[];
}

/**
 * Reads the ConfigMap's `data`. Never throws: what is wrong with one key concerns that key only.
 *
 * @param readYaml parses YAML (or JSON) to plain values; throws an Error for bad syntax.
 */
export function parseSettings(
  data: Readonly<Record<string, string>>,
  readYaml: (text: string) => unknown,
): NotificationSettings {
  const reader = new SettingsReader(readYaml);
  for (const [key, text] of Object.entries(data)) reader.read(key, text);
  return reader.settings();
}

class SettingsReader {
  readonly #readYaml: (text: string) => unknown;
  readonly #services = new Map<string, ServiceSettings>();
  readonly #templates = new Map(BUNDLED_TEMPLATES);
  readonly #triggers = new Map(BUNDLED_TRIGGERS);
  readonly #subscriptions: DefaultSubscription[] = [];
  #defaultTriggers: readonly string[] = [];
  readonly #defaultTriggersOf = new Map<string, readonly string[]>();
  #context: Readonly<Record<string, string>> = {};
  readonly #problems: Problem[] = [];

  constructor(readYaml: (text: string) => unknown) {
    this.#readYaml = readYaml;
  }

  read(key: string, text: string): void {
    const [kind, ...rest] = key.split('.');
    const name = rest.join('.');
    try {
      this.#readKey(kind ?? '', name, text);
    } catch (error) {
      // What the key was meant to replace must not be used in its place.
      if (kind === 'template') this.#templates.delete(name);
      if (kind === 'trigger') this.#triggers.delete(name);
      this.#problems.push({ field: key, message: error instanceof Error ? error.message : String(error) });
    }
  }

  settings(): NotificationSettings {
    return {
      services: this.#services,
      templates: this.#templates,
      triggers: this.#triggers,
      subscriptions: this.#subscriptions,
      defaultTriggers: this.#defaultTriggers,
      defaultTriggersOf: this.#defaultTriggersOf,
      context: this.#context,
      problems: [...this.#problems, ...this.#missingTemplates()],
    };
  }

  #readKey(kind: string, name: string, text: string): void {
    switch (kind) {
      case 'service':
        this.#readService(name, text);
        return;
      case 'template':
        this.#templates.set(name, compileNotification(name, this.#object(text)));
        return;
      case 'trigger':
        this.#triggers.set(name, listOf(this.#yaml(text), 'conditions').map(readCondition));
        return;
      case 'subscriptions':
        this.#subscriptions.push(...listOf(this.#yaml(text), 'subscriptions').map(readSubscription));
        return;
      case 'defaultTriggers':
        if (name === '') this.#defaultTriggers = texts(this.#yaml(text), 'triggers');
        else this.#defaultTriggersOf.set(name, texts(this.#yaml(text), 'triggers'));
        return;
      case 'context':
        this.#context = Object.fromEntries(
          Object.entries(this.#object(text)).map(([key, value]) => [key, textOf(value, key)]),
        );
        return;
      default:
        throw new Error(
          'unknown key; expected service.<type>[.<name>], template.<name>, trigger.<name>, subscriptions, defaultTriggers[.<service>] or context',
        );
    }
  }

  /** `slack`, or `webhook.<name>`: the name is what subscriptions use. */
  #readService(path: string, text: string): void {
    const [type = '', ...rest] = path.split('.');
    if (type === '') throw new Error('names no type; expected service.<type>[.<name>]');
    const name = rest.length === 0 ? type : rest.join('.');
    this.#services.set(name, { type, name, options: this.#object(text) });
  }

  #missingTemplates(): readonly Problem[] {
    return [...this.#triggers].flatMap(([trigger, conditions]) =>
      conditions
        .flatMap(({ send }) => send)
        .filter((name) => !this.#templates.has(name))
        .map((name) => ({
          field: `trigger.${trigger}`,
          message: `sends template "${name}", which is not defined or cannot be read; add template.${name}`,
        })),
    );
  }

  #object(text: string): JsonObject {
    const value = this.#yaml(text);
    if (value === null) return {};
    if (isJsonObject(value)) return value;
    throw new Error('must be a YAML object');
  }

  #yaml(text: string): JsonValue {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a YAML parser returns
    return (this.#readYaml(text) ?? null) as JsonValue;
  }
}

function readCondition(value: JsonValue): TriggerCondition {
  if (!isJsonObject(value)) throw new Error('each condition must be an object with when and send');
  const send = texts(member(value, 'send') ?? null, 'send');
  if (send.length === 0) throw new Error('send must name at least one template');
  return { when: programOf(value, 'when'), oncePer: programOf(value, 'oncePer'), send };
}

function programOf(condition: JsonObject, key: string): Program | undefined {
  const source = member(condition, key);
  if (source === undefined || source === null || source === '') return undefined;
  try {
    return compile(textOf(source, key));
  } catch (error) {
    throw new Error(`${key}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function readSubscription(value: JsonValue): DefaultSubscription {
  if (!isJsonObject(value)) throw new Error('each subscription must be an object with recipients and triggers');
  const selector = member(value, 'selector');
  return {
    recipients: texts(member(value, 'recipients') ?? null, 'recipients').map((recipient) => {
      const [service = '', ...rest] = recipient.split(':');
      return { service, recipient: rest.join(':') };
    }),
    triggers: texts(member(value, 'triggers') ?? null, 'triggers'),
    selector: selector === undefined || selector === null ? [] : parseSelector(textOf(selector, 'selector')),
  };
}

function listOf(value: JsonValue, what: string): readonly JsonValue[] {
  if (value === null) return [];
  if (isJsonArray(value)) return value;
  throw new Error(`must be a YAML list of ${what}`);
}

function texts(value: JsonValue, what: string): readonly string[] {
  return listOf(value, what).map((entry) => textOf(entry, what));
}

function textOf(value: JsonValue | undefined, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${what} must be a text`);
}
