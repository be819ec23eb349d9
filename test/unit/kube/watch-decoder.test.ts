import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeWatch } from '../../../src/kube/watch-decoder.ts';

async function* inPieces(pieces: Iterable<Uint8Array>) {
  yield* pieces;
}

async function decode(pieces: Iterable<Uint8Array>, maxLineBytes?: number) {
  const events: unknown[] = [];
  for await (const event of decodeWatch(inPieces(pieces), maxLineBytes)) events.push(event);
  return events;
}

test('events survive any division into chunks, inside of characters too', async () => {
  const named = (name: string) => ({ type: 'ADDED', object: { metadata: { name } } });
  const anyEvents = fc.array(fc.string({ unit: 'binary', maxLength: 12 }).map(named), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(anyEvents, fc.array(fc.nat(400), { maxLength: 12 }), async (events, cuts) => {
      const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      const borders = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
      const pieces = borders.slice(1).map((end, i) => bytes.subarray(borders[i], end));
      expect(await decode(pieces)).toEqual(JSON.parse(JSON.stringify(events)));
    }),
  );
});

test('empty lines mean nothing, and a line without its end is dropped', async () => {
  const line = '{"type":"DELETED","object":{"metadata":{"name":"a"}}}';
  expect(await decode([Buffer.from(`\n${line}\r\n\n${line}`)])).toHaveLength(1);
});

test.each([
  'nonsense',
  '[]',
  '"x"',
  'null',
  '{"type":"ADDED","object":null}',
  '{"type":"ADDED","object":{"metadata":null}}',
  '{"type":1,"object":{}}',
])('%s is no event', async (line) => {
  await expect(decode([Buffer.from(`${line}\n`)])).rejects.toMatchObject({ code: 'watch-format' });
});

test('an endless line is refused', async () => {
  await expect(
    decode(
      Array.from({ length: 11 }, () => Buffer.alloc(10, 120)),
      100,
    ),
  ).rejects.toThrow('larger than 100 bytes');
});
