import type { Argument } from '../../api/analysis.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../values/json.ts';
import { PromqlText } from './promql-text.ts';

/** Something that was filled in, or why it could not be. */
export type Substitution<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

/** Values of arguments by name, without the `args.` prefix. */
export type ArgumentValues = ReadonlyMap<string, string>;

const OPEN = '{{';
const CLOSE = '}}';

/** A placeholder that yields `{{` itself, for Job specs and the like that need the two characters. */
const LITERAL_OPEN = '"{{"';

/** A secret argument as `secretKeyRef` names it. */
export interface SecretArgument {
  readonly argument: string;
  readonly secret: string;
  readonly key: string;
}

/** The arguments of a run whose values are in Secrets. A Secret wins over a value given beside it, as in Argo Rollouts. */
export function secretArguments(args: readonly Argument[]): SecretArgument[] {
  return args.flatMap(({ name, valueFrom }) => {
    const ref = valueFrom?.secretKeyRef;
    return ref === undefined ? [] : [{ argument: name, secret: ref.name, key: ref.key }];
  });
}

/** Values of the arguments that hold one themselves. */
export function plainArguments(args: readonly Argument[]): Map<string, string> {
  return new Map(args.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

/**
 * Fills in `{{args.NAME}}` in every text and key of a JSON value, once: what is filled in is not looked at again.
 * Texts under a key named `query` whose parent is `prometheus` are PromQL, in which a value that stands inside a
 * string literal cannot end the literal.
 */
export function substitute(value: JsonValue, args: ArgumentValues): Substitution<JsonValue> {
  try {
    return { ok: true, value: fill(value, args, []) };
  } catch (error) {
    if (error instanceof UnresolvedError) return { ok: false, problem: error.message };
    throw error;
  }
}

class UnresolvedError extends Error {}

function fill(value: JsonValue, args: ArgumentValues, path: readonly string[]): JsonValue {
  if (typeof value === 'string') return isPromql(path) ? fillPromql(value, args) : fillText(value, args);
  if (isJsonArray(value)) return value.map((item) => fill(item, args, path));
  if (!isJsonObject(value)) return value;
  // fromEntries defines own members, so that a key `__proto__` stays a key.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      fillText(key, args),
      item === undefined ? undefined : fill(item, args, [...path, key]),
    ]),
  );
}

function isPromql(path: readonly string[]): boolean {
  return path.at(-1) === 'query' && path.at(-2) === 'prometheus';
}

function fillText(text: string, args: ArgumentValues): string {
  let filled = '';
  for (const part of parts(text)) filled += part.kind === 'text' ? part.text : valueOf(part.tag, args);
  return filled;
}

function fillPromql(text: string, args: ArgumentValues): string {
  const promql = new PromqlText();
  for (const part of parts(text)) {
    if (part.kind === 'text') {
      promql.append(part.text);
    } else if (!promql.insert(valueOf(part.tag, args))) {
      throw new UnresolvedError(
        `failed to resolve {{${part.tag}}}: its value contains a backtick and stands inside a raw PromQL string; quote that string with "" instead`,
      );
    }
  }
  return promql.text;
}

type Part = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'tag'; readonly tag: string };

function* parts(text: string): Generator<Part> {
  let from = 0;
  for (let open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, from)) {
    const close = text.indexOf(CLOSE, open + OPEN.length);
    if (close < 0) throw new UnresolvedError(`cannot find end tag "}}" after "${text.slice(open, open + 40)}"`);
    yield { kind: 'text', text: text.slice(from, open) };
    yield { kind: 'tag', tag: text.slice(open + OPEN.length, close) };
    from = close + CLOSE.length;
  }
  yield { kind: 'text', text: text.slice(from) };
}

function valueOf(tag: string, args: ArgumentValues): string {
  const name = tag.trim();
  if (name === LITERAL_OPEN) return OPEN;
  const value = name.startsWith('args.') ? args.get(name.slice('args.'.length)) : undefined;
  if (value === undefined) throw new UnresolvedError(`failed to resolve {{${tag}}}`);
  return value;
}
