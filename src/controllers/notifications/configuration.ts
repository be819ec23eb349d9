import { parse } from 'yaml';
import type { ConfigMap, Secret } from '../../api/core-types.ts';
import { formatProblem } from '../../api/validate/problem.ts';
import {
  NOTIFICATION_CONFIG_MAP,
  NOTIFICATION_SECRET,
  type NotificationSettings,
  parseSettings,
} from '../../core/notify/settings.ts';
import { isForbidden, isNotFound } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { CONFIG_MAPS, SECRETS } from '../../kube/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';

/** How long a change of the ConfigMap or the Secret may go unnoticed. Both are read by name, and only when needed. */
const MAX_AGE_MS = 60_000;

export interface ConfigurationOptions {
  readonly client: Pick<KubeClient, 'get'>;
  /** The controller's own. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The notification ConfigMap and Secret, read by name when needed and kept for a minute. */
export class NotificationConfiguration {
  readonly #options: ConfigurationOptions;
  readonly #settings: Kept<NotificationSettings | undefined>;
  readonly #secret: Kept<ReadonlyMap<string, string>>;
  #lastProblems = '';

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.#settings = new Kept(options.clock, () => this.#readSettings());
    this.#secret = new Kept(options.clock, () => this.#readSecret());
  }

  /** Undefined when there is no ConfigMap, or it may not be read, so that nobody is to be notified. Rejects as `KubeClient.get` does. */
  settings(): Promise<NotificationSettings | undefined> {
    return this.#settings.get();
  }

  /** The Secret's values by key; empty when there is no Secret. Rejects as `KubeClient.get` does. */
  secret(): Promise<ReadonlyMap<string, string>> {
    return this.#secret.get();
  }

  async #readSettings(): Promise<NotificationSettings | undefined> {
    const { client, namespace } = this.#options;
    const key = { namespace, name: NOTIFICATION_CONFIG_MAP };
    try {
      const { data } = await client.get<ConfigMap>(CONFIG_MAPS, key);
      const settings = parseSettings(data ?? {}, readYaml);
      this.#report(settings.problems.map(formatProblem));
      return settings;
    } catch (error) {
      if (isForbidden(error))
        this.#report([`nobody is notified: grant the controller "get" on it (${messageOf(error)})`]);
      else if (!isNotFound(error)) throw error;
      return undefined;
    }
  }

  async #readSecret(): Promise<ReadonlyMap<string, string>> {
    const { client, namespace } = this.#options;
    const secret = await orMissing(client.get<Secret>(SECRETS, { namespace, name: NOTIFICATION_SECRET }));
    return new Map(
      // A line break at the end comes from `--from-file`, and is part of no token.
      Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString().trim()]),
    );
  }

  /** The same problems are complained about once. */
  #report(problems: readonly string[]): void {
    const all = problems.join('\n');
    if (all === this.#lastProblems) return;
    this.#lastProblems = all;
    const object = `${this.#options.namespace}/${NOTIFICATION_CONFIG_MAP}`;
    for (const text of problems) this.#options.logger.warn({}, `notifications: ConfigMap ${object}: ${text}`);
  }
}

/** A value that is read again once it is too old; many who ask at once share one read. */
class Kept<T> {
  readonly #clock: Clock;
  readonly #read: () => Promise<T>;
  #value: Promise<T> | undefined;
  #readAt = 0;

  constructor(clock: Clock, read: () => Promise<T>) {
    this.#clock = clock;
    this.#read = read;
  }

  get(): Promise<T> {
    if (this.#value !== undefined && this.#clock.monotonic() - this.#readAt < MAX_AGE_MS) return this.#value;
    const value = this.#read();
    this.#value = value;
    this.#readAt = this.#clock.monotonic();
    value.catch(() => {
      if (this.#value === value) this.#value = undefined;
    });
    return value;
  }
}

async function orMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The parser's messages go on with the line in question, which may hold what should have been in the Secret. */
function readYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    const [reason] = messageOf(error).split('\n');
    throw new Error(reason, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
