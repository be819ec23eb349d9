import { beforeEach, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/core-types.ts';
import { Informer } from '../../../src/kube/informer.ts';
import { CONFIG_MAPS } from '../../../src/kube/resources.ts';
import type { KubeRequest, KubeStream } from '../../../src/kube/transport.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import type { LogFields, Logger } from '../../../src/telemetry/logger.ts';
import { type ScriptedAnswer, ScriptedTransport } from '../../support/scripted-transport.ts';

/** A transport whose watches stay open until the test ends them. */
class WatchTransport extends ScriptedTransport {
  readonly watches: { readonly at: number; readonly from: string; send(text: string): void; end(): void }[] = [];
  readonly clock: VirtualClock;

  constructor(clock: VirtualClock, answer: (request: KubeRequest) => ScriptedAnswer) {
    super(answer);
    this.clock = clock;
  }

  override async stream(request: KubeRequest): Promise<KubeStream> {
    const answer = await this.answer(request);
    const at = this.clock.monotonic();
    const from = request.query?.['resourceVersion'] ?? '';
    if (answer.status !== undefined && answer.status !== 200) {
      this.watches.push({ at, from, send: () => {}, end: () => {} });
      return super.stream(request);
    }
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    this.watches.push({
      at,
      from,
      send: (text) => void writer.write(Buffer.from(text)).catch(() => {}),
      end: () => void writer.close().catch(() => {}),
    });
    request.signal?.addEventListener('abort', () => void writer.abort(request.signal?.reason).catch(() => {}));
    return { status: 200, headers: {}, chunks: readable };
  }
}

const item = (name: string, resourceVersion: string): KubeObject => ({
  metadata: { namespace: 'ns', name, uid: name, resourceVersion, managedFields: [{ manager: 'x' }] },
});
const event = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;
const bookmark = (resourceVersion: string) => event('BOOKMARK', { metadata: { resourceVersion } });

let clock: VirtualClock;
let listed: KubeObject[];
let listVersion: string;
let lists: number[];
let watchAnswer: () => ScriptedAnswer;
let transport: WatchTransport;
let lines: string[];
let stop: AbortController;

beforeEach(() => {
  clock = new VirtualClock();
  listed = [item('a', '5')];
  listVersion = '10';
  lists = [];
  lines = [];
  watchAnswer = () => ({});
  stop = new AbortController();
  transport = new WatchTransport(clock, ({ query }) => {
    if (query?.['watch'] === 'true') return watchAnswer();
    lists.push(clock.monotonic());
    return { body: { metadata: { resourceVersion: listVersion }, items: listed } };
  });
});

function logger(): Logger {
  const at = (level: string) => (fields: LogFields, message: string) =>
    void lines.push(
      `${level}: ${message}${fields['err'] === undefined ? '' : ` (${(fields['err'] as Error).message})`}`,
    );
  return { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error'), child: logger };
}

async function start(random = () => 0.5): Promise<Informer<KubeObject>> {
  const informer = new Informer<KubeObject>({
    resource: CONFIG_MAPS,
    transport,
    clock,
    random,
    logger: logger(),
    labelSelector: 'app=x',
  });
  void informer.run(stop.signal);
  await clock.settle();
  return informer;
}

test('lists, then watches from there with bookmarks and a random length', async () => {
  const informer = await start();
  expect(informer.hasSynced).toBe(true);
  await informer.synced;
  expect(informer.store.list()).toEqual([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ns', name: 'a', uid: 'a', resourceVersion: '5' } },
  ]);
  expect(transport.requests.map(({ query }) => query)).toEqual([{ limit: '500', labelSelector: 'app=x' }]);
  expect(transport.watches.map(({ from }) => from)).toEqual(['10']);
});

test('an orderly end is resumed at once where the last bookmark was', async () => {
  await start();
  await clock.advanceBy(60_000);
  transport.watches[0]!.send(bookmark('99'));
  await clock.settle();
  transport.watches[0]!.end();
  await clock.settle();
  expect(transport.watches.map(({ from, at }) => [from, at])).toEqual([
    ['10', 0],
    ['99', 60_000],
  ]);
  expect(lists).toHaveLength(1);
  expect(lines).toEqual([]);
});

test('F07: silence is noticed after 90 s, and bookmarks are no silence', async () => {
  await start();
  for (let minute = 1; minute <= 5; minute += 1) {
    await clock.advanceBy(60_000);
    transport.watches[0]!.send(bookmark(String(100 + minute)));
    await clock.settle();
  }
  expect(transport.watches).toHaveLength(1);
  await clock.advanceBy(90_000);
  await clock.advanceBy(1000);
  expect(transport.watches.map(({ from }) => from)).toEqual(['10', '105']);
  expect(lists).toHaveLength(1);
  expect(lines).toEqual(['warn: watch interrupted; will go on (GET /api/v1/configmaps: no sign of life for 90000 ms)']);
});

test('F06: an outage of five minutes is two lines in the log, and is over within 5 s of the return', async () => {
  await start(() => 1);
  watchAnswer = () => {
    throw new Error('ECONNREFUSED');
  };
  transport.watches[0]!.end();
  await clock.advanceBy(300_000);
  watchAnswer = () => ({});
  await clock.advanceBy(5_000);
  transport.watches.at(-1)!.send(event('ADDED', item('b', '20')));
  await clock.settle();
  expect(lists).toHaveLength(1);
  expect(lines.map((line) => line.replace(/ \(.*/, ''))).toEqual([
    'warn: watch interrupted; will go on',
    'warn: watch interrupted; will go on',
    'info: watching again',
  ]);
});

test('a server that ends every watch at once is not pestered', async () => {
  await start(() => 1);
  transport.watches[0]!.end();
  for (let i = 0; i < 600; i += 1) {
    await clock.advanceBy(100);
    transport.watches.at(-1)!.end();
  }
  expect(transport.watches.length).toBeLessThan(12);
});

test('a position that the server keeps refusing is given up: etcd was restored', async () => {
  await start();
  watchAnswer = () => (lists.length === 1 ? { status: 504, body: { message: 'Too large resource version' } } : {});
  listVersion = '3';
  transport.watches[0]!.end();
  await clock.advanceBy(120_000);
  expect(lists).toHaveLength(2);
  expect(transport.watches.at(-1)!.from).toBe('3');
});

test('a list that is due is made when a watch ends, and finds what the watch lost', async () => {
  const informer = await start();
  const heard: string[] = [];
  informer.onChange({
    added: ({ metadata }) => heard.push(`+${metadata.name}`),
    deleted: ({ metadata }, unknown) => heard.push(`-${metadata.name} ${unknown}`),
  });
  listed = [item('b', '50'), item('young', '70')];
  listVersion = '80';
  for (let i = 0; i < 31; i += 1) {
    await clock.advanceBy(60_000);
    transport.watches[0]!.send(bookmark('60'));
    await clock.settle();
  }
  expect(lists).toHaveLength(1);
  transport.watches[0]!.end();
  await clock.settle();
  expect(lists).toHaveLength(2);
  expect(heard).toEqual(['+a', '+b', '+young', '-a true']);
  // `young` is younger than the watch's last word: no loss.
  expect(lines).toEqual(['warn: the watch had lost events; a list has brought them']);
  expect(transport.watches.at(-1)!.from).toBe('80');
});

test('a transform that throws keeps the object whole', async () => {
  const informer = new Informer<KubeObject>({
    resource: CONFIG_MAPS,
    transport,
    clock,
    random: () => 0,
    transform: () => {
      throw new Error('projection');
    },
  });
  void informer.run(stop.signal);
  await clock.settle();
  expect(informer.store.get('ns/a')?.metadata.uid).toBe('a');
});

test('a late handler hears of what is there, and nothing after it has unsubscribed', async () => {
  const informer = await start();
  const heard: string[] = [];
  const unsubscribe = informer.onChange({ added: ({ metadata }) => heard.push(metadata.name!) });
  transport.watches[0]!.send(event('ADDED', item('b', '20')));
  await clock.settle();
  unsubscribe();
  transport.watches[0]!.send(event('ADDED', item('c', '21')));
  await clock.settle();
  expect(heard).toEqual(['a', 'b']);
  expect(informer.store.size).toBe(3);
});

test('stopping ends everything', async () => {
  await start();
  stop.abort(new Error('stop'));
  await clock.settle();
  expect(clock.nextDue()).toBeUndefined();
  expect(transport.watches).toHaveLength(1);
});
