import { expect, test } from 'vitest';
import { decodeProtobuf } from '../../../src/simulator/protobuf.ts';

/** A field of wire type 2: bytes, a text, or a message of further fields. */
const bytes = (number: number, content: string | Buffer): Buffer => {
  const value = Buffer.from(content);
  return Buffer.concat([Buffer.from([number * 8 + 2, value.length]), value]);
};
const envelope = (apiVersion: string, kind: string, ...fields: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    bytes(1, Buffer.concat([bytes(1, apiVersion), bytes(2, kind)])),
    bytes(2, Buffer.concat(fields)),
  ]);

const blankTimestamp = bytes(8, '');

test('a ConfigMap with what kubectl sets', () => {
  const metadata = Buffer.concat([bytes(1, 'a'), bytes(2, ''), blankTimestamp, bytes(14, 'x/f'), bytes(14, 'x/g')]);
  const entry = Buffer.concat([bytes(1, 'key'), bytes(2, 'value')]);
  expect(decodeProtobuf(envelope('v1', 'ConfigMap', bytes(1, metadata), bytes(2, entry)))).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', finalizers: ['x/f', 'x/g'] },
    data: { key: 'value' },
  });
});

test('a field that would be lost is refused, with the way out', () => {
  const owner = bytes(13, bytes(3, 'owner'));
  const body = envelope('v1', 'ConfigMap', bytes(1, Buffer.concat([bytes(1, 'a'), owner])));
  expect(() => decodeProtobuf(body)).toThrow(
    'of v1/ConfigMap with field 13: send JSON, for example with "kubectl create -f FILE"',
  );
});

test('other kinds and broken bodies are refused', () => {
  expect(() => decodeProtobuf(envelope('v1', 'Pod'))).toThrow('protobuf bodies of v1/Pod: send JSON');
  const broken = envelope('v1', 'Secret', Buffer.from([0x0a, 0x7f, 0x01]));
  expect(() => decodeProtobuf(broken)).toThrow('v1/Secret (malformed)');
});
