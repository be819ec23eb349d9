import { isJsonObject, type JsonObject, type JsonValue, member } from '../values/json.ts';

/** What the annotation `notified.notifications.argoproj.io` says about one Rollout. Times are Unix seconds. */
export interface NotifiedState {
  /** Subscriptions, and since when each has been followed: what happened before is history and not announced. */
  readonly since: ReadonlyMap<string, number>;
  /** Notices that were dealt with, and when. */
  readonly sent: ReadonlyMap<string, number>;
  /** Entries of another controller, kept as they are. */
  readonly foreign: JsonObject;
}

/**
 * The annotation is Argo's flat map of texts to Unix seconds, so that Argo Rollouts can read it after us. Our entries
 * have prefixes that none of its own has; the first one says whose state it is, because annotations get copied along when
 * somebody makes a new object of an old one.
 */
const OWNER_PREFIX = 'linnet/of:';
const SINCE_PREFIX = 'linnet/since:';
const SENT_PREFIX = 'linnet/sent:';

/**
 * @param uid of the Rollout. State that belongs to another one counts as none.
 */
export function readNotified(annotation: string | undefined, uid: string): NotifiedState {
  const entries = parseObject(annotation);
  const isOurs = member(entries, `${OWNER_PREFIX}${uid}`) !== undefined;
  const since = new Map<string, number>();
  const sent = new Map<string, number>();
  const foreign: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(entries)) {
    if (!key.startsWith('linnet/')) foreign[key] = value ?? null;
    else if (!isOurs || typeof value !== 'number') continue;
    else if (key.startsWith(SINCE_PREFIX)) since.set(key.slice(SINCE_PREFIX.length), value);
    else if (key.startsWith(SENT_PREFIX)) sent.set(key.slice(SENT_PREFIX.length), value);
  }
  return { since, sent, foreign };
}

/** The annotation's new value; undefined when there is nothing to say and the annotation can go. */
export function writeNotified({ since, sent, foreign }: NotifiedState, uid: string): string | undefined {
  const ours = [
    ...(since.size + sent.size === 0 ? [] : [[`${OWNER_PREFIX}${uid}`, 1] as const]),
    ...[...since].map(([key, time]) => [`${SINCE_PREFIX}${key}`, time] as const),
    ...[...sent].map(([key, time]) => [`${SENT_PREFIX}${key}`, time] as const),
  ];
  const entries = { ...foreign, ...Object.fromEntries(ours) };
  return Object.keys(entries).length === 0 ? undefined : JSON.stringify(entries);
}

/** What is no JSON object says nothing to Argo either. */
function parseObject(annotation: string | undefined): JsonObject {
  try {
    const value: unknown = JSON.parse(annotation ?? '{}');
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
