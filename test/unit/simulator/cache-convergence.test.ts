import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONFIG_MAPS, type Json, TestCluster, type WatchProbe } from './test-cluster.ts';

type Step =
  | { readonly do: 'write'; readonly name: string; readonly on: boolean; readonly n: number }
  | { readonly do: 'delete'; readonly name: string }
  | { readonly do: 'reconnect' }
  | { readonly do: 'compact' };

const name = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), name, on: fc.boolean(), n: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  { weight: 2, arbitrary: fc.constant({ do: 'reconnect' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'compact' as const }) },
);

const SELECTOR = 'labelSelector=on=yes';

/** What a client does that keeps a copy by list and watch: resume where it was, list again when that is gone. */
class Copy {
  readonly #cluster: TestCluster;
  readonly objects = new Map<string, Json>();
  #version = '';
  #watch: WatchProbe | undefined;
  #read = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  async connect(): Promise<void> {
    if (this.#version === '') await this.#list();
    this.#watch = await this.#cluster.watch(`${CONFIG_MAPS}?${SELECTOR}&resourceVersion=${this.#version}`);
    this.#read = 0;
  }

  async catchUp(): Promise<void> {
    await this.#cluster.clock.settle();
    const watch = this.#watch;
    if (watch === undefined) return;
    for (; this.#read < watch.events.length; this.#read++) {
      const { type, object } = watch.events[this.#read]!;
      if (type === 'ERROR') {
        if (object.code !== 410) throw new Error(`unexpected ERROR: ${JSON.stringify(object)}`);
        this.#version = '';
        await this.connect();
        return this.catchUp();
      }
      this.#apply(type, object);
    }
  }

  #apply(type: string, object: Json): void {
    const { name: key, resourceVersion } = object.metadata;
    // ADDED is for what the copy lacks, the others are for what it has.
    if (this.objects.has(key) === (type === 'ADDED')) throw new Error(`${type} of ${key} does not fit the copy`);
    if (type === 'DELETED') this.objects.delete(key);
    else this.objects.set(key, object);
    if (Number(resourceVersion) <= Number(this.#version))
      throw new Error(`version ${resourceVersion} of ${key} is not new`);
    this.#version = resourceVersion;
  }

  async #list(): Promise<void> {
    const list = await this.#cluster.must(this.#cluster.get(`${CONFIG_MAPS}?${SELECTOR}`));
    this.objects.clear();
    for (const item of list.items) this.objects.set(item.metadata.name, item);
    this.#version = list.metadata.resourceVersion;
  }
}

async function perform(cluster: TestCluster, copy: Copy, action: Step): Promise<void> {
  switch (action.do) {
    case 'write': {
      const body = {
        metadata: { name: action.name, labels: { on: action.on ? 'yes' : 'no' } },
        data: { n: `${action.n}` },
      };
      const created = await cluster.post(CONFIG_MAPS, body);
      if (created.status === 409) await cluster.must(cluster.put(`${CONFIG_MAPS}/${action.name}`, body));
      return;
    }
    case 'delete':
      await cluster.delete(`${CONFIG_MAPS}/${action.name}`);
      return;
    case 'reconnect':
      await copy.catchUp();
      await copy.connect();
      return;
    case 'compact':
      cluster.server.context.storage.compact(cluster.server.context.storage.revision);
      return;
  }
}

test('a copy kept by list and watch converges, through selectors, reconnects and compaction', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const cluster = new TestCluster();
      const copy = new Copy(cluster);
      await copy.connect();
      for (const action of steps) await perform(cluster, copy, action);
      await copy.catchUp();
      const list = await cluster.must(cluster.get(`${CONFIG_MAPS}?${SELECTOR}`));
      const versions = (items: readonly Json[]): object =>
        Object.fromEntries(items.map((item) => [item.metadata.name, item.metadata.resourceVersion]));
      expect(versions([...copy.objects.values()])).toEqual(versions(list.items));
    }),
    { numRuns: 60 },
  );
});
