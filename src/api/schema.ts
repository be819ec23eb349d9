import * as z from 'zod';

/**
 * Building blocks of the API schemas. They describe JSON as it is on the wire: timestamps and durations are strings,
 * nothing is converted, defaulted or dropped, and a field that the schema does not know survives.
 *
 * Metadata under `x-kubernetes-*`, `format` and `default` is meant for the CRD generator; parsing ignores it.
 */

type Shape = Readonly<Record<string, z.ZodType>>;
type Flat<T> = { [K in keyof T]: T[K] };
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- a shape without fields is what is meant
type Nothing = Record<never, z.ZodType>;
type Struct<R extends Shape, O extends Shape> = z.ZodObject<Flat<R & { [K in keyof O]: z.ZodExactOptional<O[K]> }>>;

/** What a schema accepts, deeply readonly: API objects are shared between caches and never modified in place. */
export type Infer<S extends z.ZodType> = Immutable<z.infer<S>>;

export type Immutable<T> = T extends readonly (infer E)[]
  ? readonly Immutable<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;

/**
 * An object with required and optional fields. At run time unknown fields are kept; the static type leaves them out,
 * so that a misspelt field does not compile.
 */
export function struct<R extends Shape, O extends Shape>(required: R, optional: O): Struct<R, O> {
  const shape: Record<string, z.ZodType> = { ...required };
  for (const [name, schema] of Object.entries(optional)) shape[name] = schema.exactOptional();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where the static type says less
  return z.looseObject(shape) as unknown as Struct<R, O>;
}

/** An object without required fields. */
export function optional<O extends Shape>(fields: O): Struct<Nothing, O> {
  return struct({}, fields);
}

export function text(description?: string): z.ZodString {
  return described(z.string(), description);
}

export function flag(description?: string): z.ZodBoolean {
  return described(z.boolean(), description);
}

export function int32(description?: string): z.ZodInt {
  return described(
    z
      .int()
      .min(-(2 ** 31))
      .max(2 ** 31 - 1)
      .meta({ format: 'int32' }),
    description,
  );
}

export function int64(description?: string): z.ZodInt {
  return described(z.int().meta({ format: 'int64' }), description);
}

/** Kubernetes' IntOrString. */
export function intOrString(description?: string): z.ZodUnion<readonly [z.ZodInt, z.ZodString]> {
  return described(z.union([z.int(), z.string()]).meta({ 'x-kubernetes-int-or-string': true }), description);
}

/** A resource quantity. Users write `0.5` as well as `500m`, which int-or-string would refuse. */
export function quantity(description?: string): z.ZodUnion<readonly [z.ZodNumber, z.ZodString]> {
  return described(
    z.union([z.number(), z.string()]).meta({ 'x-kubernetes-preserve-unknown-fields': true }),
    description,
  );
}

/** RFC 3339, as the API server writes and demands it. */
export function timestamp(description?: string): z.ZodString {
  return described(z.string().meta({ format: 'date-time' }), description);
}

/**
 * A string for which these words have a meaning. The API accepts any other, as Argo Rollouts' CRDs do; validation
 * judges it where it matters.
 */
export function word<const W extends string>(words: readonly W[], description: string): z.ZodType<W> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- documented: the type lists the words that have a meaning
  return z.string().describe(`${description} One of ${words.join(', ')}.`) as unknown as z.ZodType<W>;
}

/** Like `word`, but the API server itself refuses any other value. */
export function closedWord<const W extends string>(words: readonly W[], description: string): z.ZodType<W> {
  return z.enum(words).describe(description);
}

/** A list that is replaced as a whole. */
export function list<S extends z.ZodType>(item: S, description?: string): z.ZodArray<S> {
  return described(z.array(item), description);
}

/** A list that server-side apply replaces as a whole, said explicitly as Kubernetes' own types do. */
export function atomicList<S extends z.ZodType>(item: S, description?: string): z.ZodArray<S> {
  return described(z.array(item).meta({ 'x-kubernetes-list-type': 'atomic' }), description);
}

/** A list whose items server-side apply merges by these keys. */
export function keyedList<S extends z.ZodType>(keys: readonly string[], item: S, description?: string): z.ZodArray<S> {
  return described(
    z.array(item).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys }),
    description,
  );
}

export function mapOf<S extends z.ZodType>(value: S, description?: string): z.ZodRecord<z.ZodString, S> {
  return described(z.record(z.string(), value), description);
}

export function stringMap(description?: string): z.ZodRecord<z.ZodString, z.ZodString> {
  return mapOf(z.string(), description);
}

/** An object of which only the name, by which lists merge, is typed; the API server keeps the rest as it is. */
export function openNamed(nameDescription?: string): Struct<{ name: z.ZodString }, Nothing> {
  return struct({ name: text(nameDescription) }, {}).meta({ 'x-kubernetes-preserve-unknown-fields': true });
}

/** An object of any content. */
export function freeObject(description?: string): z.ZodRecord<z.ZodString, z.ZodUnknown> {
  return mapOf(z.unknown(), description);
}

/** Attaches a description, shown by `kubectl explain`. */
function described<S extends z.ZodType>(schema: S, description: string | undefined): S {
  return description === undefined ? schema : schema.describe(description);
}

/** Marks an object that server-side apply owns as a whole. */
export function atomic<S extends z.ZodType>(schema: S): S {
  return schema.meta({ ...schema.meta(), 'x-kubernetes-map-type': 'atomic' });
}

/** A value that the API server fills in when it is absent. Parsing never does. */
export function serverDefault<S extends z.ZodType>(schema: S, value: Infer<S>): S {
  return schema.meta({ ...schema.meta(), default: value });
}
