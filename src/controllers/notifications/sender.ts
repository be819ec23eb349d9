import { TemplateError } from '../../core/gotemplate/template-error.ts';
import type { Notice } from '../../core/notify/notices.ts';
import { resolveSecrets } from '../../core/notify/secret-references.ts';
import { NOTIFICATION_SECRET, type NotificationSettings } from '../../core/notify/settings.ts';
import { renderNotification } from '../../core/notify/template.ts';
import type { Subject } from '../../core/notify/variables.ts';
import { templateVariables } from '../../core/notify/variables.ts';
import { createRedactor } from '../../net/redact.ts';
import { NotifierError } from '../../notifiers/notifier.ts';
import type { NotifierRegistry } from '../../notifiers/registry.ts';
import type { Clock } from '../../runtime/clock.ts';

export interface SenderOptions {
  readonly notifiers: NotifierRegistry;
  readonly clock: Clock;
  /** The notification Secret. */
  readonly secret: () => Promise<ReadonlyMap<string, string>>;
}

/** Makes messages of notices and hands them to the service that they are for. */
export class Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Why nothing can be sent to a service, whatever the message; undefined when it can. */
  obstacleTo(name: string, { services }: NotificationSettings): string | undefined {
    const service = services.get(name);
    if (service === undefined) return `there is no usable service.${name} in the ConfigMap`;
    if (this.#options.notifiers.has(service.type)) return undefined;
    const known = [...this.#options.notifiers.keys()].join(', ');
    return `service.${name}: type "${service.type}" is not supported yet; supported are ${known}`;
  }

  /**
   * Resolves once the service has accepted the message.
   * @throws NotifierError whatever goes wrong, but for the API server not giving the Secret.
   */
  async send(
    notice: Notice,
    about: Pick<Subject, 'rollout' | 'runs'>,
    settings: NotificationSettings,
    signal: AbortSignal,
  ): Promise<void> {
    const { service: name, recipient } = notice.subscription;
    const service = settings.services.get(name);
    const notifier = this.#options.notifiers.get(service?.type ?? '');
    if (service === undefined || notifier === undefined) {
      throw misconfigured(this.obstacleTo(name, settings) ?? `service.${name} is gone`);
    }
    const message = this.#render(notice, about, settings);
    const { options, secrets, missing } = resolveSecrets(service.options, await this.#options.secret());
    if (missing.length > 0) {
      const keys = missing.map((key) => `"${key}"`).join(', ');
      throw misconfigured(`Secret ${NOTIFICATION_SECRET} lacks key ${keys}, to which service.${name} refers`);
    }
    await notifier.send({ service: name, options, recipient, message, redact: createRedactor(secrets), signal });
  }

  #render(notice: Notice, about: Pick<Subject, 'rollout' | 'runs'>, settings: NotificationSettings) {
    const template = settings.templates.get(notice.template);
    if (template === undefined) throw misconfigured(`there is no usable template.${notice.template} in the ConfigMap`);
    const now = this.#options.clock.now();
    const { recipient } = notice.subscription;
    const variables = templateVariables(
      { ...about, recipient, context: settings.context, message: notice.message },
      now,
    );
    try {
      return renderNotification(template, variables, now);
    } catch (error) {
      if (error instanceof TemplateError) throw misconfigured(error.message);
      throw error;
    }
  }
}

function misconfigured(message: string): NotifierError {
  return new NotifierError('misconfigured', message);
}
