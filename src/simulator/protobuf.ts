import type { JsonTree } from './json-tree.ts';
import { type FieldType, type Message, PROTOBUF_KINDS } from './protobuf-messages.ts';
import { type StatusError, unsupportedMediaType } from './status-error.ts';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

/** The four bytes before every protobuf body: `k8s` and a zero. */
const MAGIC_LENGTH = 4;

/** `runtime.Unknown`: the kind in field 1, the object in field 2. */
const TYPE_META: Message = { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] };

/**
 * Reads a protobuf body of one of the few kinds that `kubectl create` sends so. Throws 415 for any other kind and for a
 * field that is not known here, with the way out: nothing is dropped in silence.
 */
export function decodeProtobuf(body: Uint8Array): JsonTree {
  const envelope = fieldsOf(Buffer.from(body).subarray(MAGIC_LENGTH)) ?? [];
  const typeMeta = new Decoder('runtime.Unknown').message(payloadOf(envelope, 1), TYPE_META);
  const kind = `${String(typeMeta['apiVersion'])}/${String(typeMeta['kind'])}`;
  const message = PROTOBUF_KINDS[kind];
  if (message === undefined) throw unreadable(kind);
  return { ...typeMeta, ...new Decoder(kind).message(payloadOf(envelope, 2), message) };
}

function unreadable(kind: string, why = ''): StatusError {
  const text = `the simulator does not read protobuf bodies of ${kind}${why}`;
  return unsupportedMediaType(`${text}: send JSON, for example with "kubectl create -f FILE"`);
}

interface WireField {
  readonly number: number;
  readonly value: number | Buffer;
}

class Decoder {
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  message(bytes: Buffer, message: Message): JsonTree {
    const fields = fieldsOf(bytes);
    if (fields === undefined) throw unreadable(this.#kind, ' (malformed)');
    const result: JsonTree = {};
    for (const { number, value } of fields) {
      const [name, type] = message[number] ?? [];
      if (name !== undefined && type !== undefined) this.#field(result, name, type, value);
      // Go writes empty strings and zeros of fields that were never set.
      else if (!isBlank(value)) throw unreadable(this.#kind, ` with field ${number}`);
    }
    return result;
  }

  #field(result: JsonTree, name: string, type: FieldType, value: number | Buffer): void {
    if (typeof value === 'number') {
      result[name] = type === 'bool' ? value !== 0 : value;
      return;
    }
    switch (type) {
      case 'map':
      case 'bytesMap': {
        const entry = fieldsOf(value) ?? [];
        const text = payloadOf(entry, 2).toString(type === 'map' ? 'utf8' : 'base64');
        result[name] = { ...(result[name] as JsonTree | undefined), [payloadOf(entry, 1).toString('utf8')]: text };
        return;
      }
      case 'strings':
        result[name] = [...((result[name] as string[] | undefined) ?? []), value.toString('utf8')];
        return;
      case 'string':
      case 'bool':
      case 'int':
        if (value.length > 0) result[name] = value.toString('utf8');
        return;
      default:
        result[name] = isRepeated(type)
          ? [...((result[name] as JsonTree[] | undefined) ?? []), this.message(value, type.each)]
          : this.message(value, type);
    }
  }
}

function isRepeated(type: Message | { readonly each: Message }): type is { readonly each: Message } {
  return 'each' in type;
}

function payloadOf(fields: readonly WireField[], number: number): Buffer {
  const found = fields.find((field) => field.number === number)?.value;
  return Buffer.isBuffer(found) ? found : Buffer.alloc(0);
}

/** Nothing, or a message of nothing. */
function isBlank(value: number | Buffer): boolean {
  if (typeof value === 'number') return value === 0;
  return fieldsOf(value)?.every((field) => isBlank(field.value)) ?? false;
}

/** Splits a message into its fields; undefined when the bytes are none. Wire types other than varint and bytes do not occur. */
function fieldsOf(bytes: Buffer): WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number | undefined => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const content = varint();
    if (tag === undefined || content === undefined) return undefined;
    const number = Math.floor(tag / 8);
    const isBytes = tag % 8 === 2;
    if (!isBytes && tag % 8 !== 0) return undefined;
    if (isBytes && at + content > bytes.length) return undefined;
    fields.push({ number, value: isBytes ? bytes.subarray(at, at + content) : content });
    if (isBytes) at += content;
  }
  return fields;
}
