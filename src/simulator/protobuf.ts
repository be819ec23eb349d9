import type { JsonTree } from './json-tree.ts';
import { unsupportedMediaType } from './status-error.ts';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

/** The four bytes before every protobuf body: `k8s` and a zero. */
const MAGIC_LENGTH = 4;

/** How a field is read. `map` is a map of strings, `bytes` and `bytesMap` become base64 as in JSON. */
type FieldType = 'string' | 'bool' | 'int' | 'map' | 'bytesMap' | Message;
interface Message {
  readonly [fieldNumber: number]: readonly [name: string, type: FieldType];
}

/** Field numbers of `the generated.proto files of k8s.io/api`, which never change. */
const OBJECT_META: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
};
const RESOURCE_ATTRIBUTES: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
};

/** The kinds that `kubectl create` and `kubectl auth` send as protobuf and that are simple enough to be worth reading. */
const KINDS: Readonly<Record<string, Message>> = {
  'v1/Namespace': { 1: ['metadata', OBJECT_META] },
  'v1/ServiceAccount': { 1: ['metadata', OBJECT_META] },
  'v1/ConfigMap': {
    1: ['metadata', OBJECT_META],
    2: ['data', 'map'],
    3: ['binaryData', 'bytesMap'],
    4: ['immutable', 'bool'],
  },
  'v1/Secret': {
    1: ['metadata', OBJECT_META],
    2: ['data', 'bytesMap'],
    3: ['type', 'string'],
    4: ['stringData', 'map'],
    5: ['immutable', 'bool'],
  },
  'authorization.k8s.io/v1/SelfSubjectAccessReview': {
    1: ['metadata', OBJECT_META],
    2: [
      'spec',
      {
        1: ['resourceAttributes', RESOURCE_ATTRIBUTES],
        2: ['nonResourceAttributes', { 1: ['path', 'string'], 2: ['verb', 'string'] }],
      },
    ],
  },
  'authorization.k8s.io/v1/SelfSubjectRulesReview': {
    1: ['metadata', OBJECT_META],
    2: ['spec', { 1: ['namespace', 'string'] }],
  },
};

const UNKNOWN_TYPE_META: Message = { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] };

/** Reads a protobuf body of one of the few kinds above; 415 for any other, with the way out. */
export function decodeProtobuf(body: Uint8Array): JsonTree {
  const envelope = fieldsOf(Buffer.from(body).subarray(MAGIC_LENGTH));
  const typeMeta = decodeMessage(payloadOf(envelope, 1), UNKNOWN_TYPE_META);
  const id = `${String(typeMeta['apiVersion'])}/${String(typeMeta['kind'])}`;
  const message = KINDS[id];
  if (message === undefined) {
    throw unsupportedMediaType(
      `the simulator does not read protobuf bodies of ${id}: send JSON, for example with "kubectl create -f FILE"`,
    );
  }
  return { ...typeMeta, ...decodeMessage(payloadOf(envelope, 2), message) };
}

interface WireField {
  readonly number: number;
  readonly value: number | Buffer;
}

function payloadOf(fields: readonly WireField[], number: number): Buffer {
  const found = fields.find((field) => field.number === number)?.value;
  return Buffer.isBuffer(found) ? found : Buffer.alloc(0);
}

function decodeMessage(bytes: Buffer, message: Message): JsonTree {
  const result: JsonTree = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const [name, type] = message[number] ?? [];
    if (name === undefined || type === undefined) continue;
    if (typeof value === 'number') result[name] = type === 'bool' ? value !== 0 : value;
    else if (type === 'map' || type === 'bytesMap') addEntry(result, name, value, type === 'map' ? 'utf8' : 'base64');
    else if (typeof type === 'object') result[name] = decodeMessage(value, type);
    // Go's generated code writes empty strings, which JSON leaves out.
    else if (value.length > 0) result[name] = value.toString('utf8');
  }
  return result;
}

function addEntry(result: JsonTree, name: string, entry: Buffer, encoding: BufferEncoding): void {
  const fields = fieldsOf(entry);
  const map = (result[name] ?? {}) as JsonTree;
  map[payloadOf(fields, 1).toString('utf8')] = payloadOf(fields, 2).toString(encoding);
  result[name] = map;
}

/** Splits a message into its fields. Only the wire types that occur here are read: varint and length-delimited. */
function fieldsOf(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw unsupportedMediaType('the protobuf body ends in the middle of a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) {
      fields.push({ number, value: varint() });
    } else if (wireType === 2) {
      const length = varint();
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else {
      throw unsupportedMediaType(`the protobuf body has a field of wire type ${wireType}, which is not read here`);
    }
  }
  return fields;
}
