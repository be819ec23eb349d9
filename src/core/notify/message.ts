/** What a template makes of one transition: the text that every service can show, and what only some of them know. */
export interface NotificationMessage {
  readonly text: string;
  readonly slack: SlackPart;
  /** By name of the service. */
  readonly webhook: ReadonlyMap<string, WebhookPart>;
}

/** Empty texts count as absent. */
export interface SlackPart {
  /** JSON lists, as Slack's API takes them. */
  readonly attachments?: string;
  readonly blocks?: string;
  readonly username?: string;
  /** `:emoji:` or a URL. */
  readonly icon?: string;
  /** Messages with equal keys form a thread. */
  readonly groupingKey?: string;
  /** Shows a message of a thread in the channel too. */
  readonly notifyBroadcast: boolean;
}

export interface WebhookPart {
  readonly method: string;
  /** Replaces the path of the service's URL when it begins with `/`, and is joined to it otherwise. */
  readonly path?: string;
  readonly body?: string;
}
