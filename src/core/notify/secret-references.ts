import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../values/json.ts';

/** `$key` anywhere in a text, as in `Bearer $token`. */
const REFERENCE = /\$([\w-]+)/g;

/** A service's options with the Secret's values in place of `$key`. */
export interface ResolvedOptions {
  readonly options: JsonObject;
  /** The values that were put in, which no log, event or error may show. */
  readonly secrets: readonly string[];
  /** Keys that the Secret lacks. */
  readonly missing: readonly string[];
}

/** Fills the values of the notification Secret in. */
export function resolveSecrets(options: JsonObject, secret: ReadonlyMap<string, string>): ResolvedOptions {
  const secrets = new Set<string>();
  const missing = new Set<string>();
  const fill = (text: string) =>
    text.replaceAll(REFERENCE, (reference, key: string) => {
      const value = secret.get(key);
      if (value === undefined) missing.add(key);
      else secrets.add(value);
      return value ?? reference;
    });
  const resolve = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return fill(value);
    if (isJsonArray(value)) return value.map(resolve);
    return isJsonObject(value) ? resolveObject(value) : value;
  };
  const resolveObject = (object: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(object).map(([key, value]) => [key, value === undefined ? null : resolve(value)]),
    );
  return { options: resolveObject(options), secrets: [...secrets], missing: [...missing] };
}
