import { describe, expect, test } from 'vitest';
import { humanDuration } from '../../../src/simulator/printers/column.ts';
import { DEPLOYMENTS, type Json, PODS, TestCluster } from './test-cluster.ts';

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

test.each([
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [330_000, '5m30s'],
  [3_599_000, '59m'],
  [3 * 3_600_000, '3h'],
  [7.2 * 3_600_000, '7h12m'],
  [47 * 3_600_000, '47h'],
  [76 * 3_600_000, '3d4h'],
  [30 * 86_400_000, '30d'],
  [3 * 365 * 86_400_000, '3y'],
  [9 * 365 * 86_400_000, '9y'],
  [-5000, '<invalid>'],
])('%i ms is %s', (duration, text) => {
  expect(humanDuration(duration)).toBe(text);
});

/** The cells of the columns that are shown without `-o wide`. */
async function cells(cluster: TestCluster, path: string): Promise<unknown[][]> {
  const { columnDefinitions, rows } = await cluster.must(cluster.get(path, TABLE));
  const shown = columnDefinitions.map((column: Json) => column.priority === 0);
  return rows.map((row: Json) => row.cells.filter((_: unknown, index: number) => shown[index]));
}

describe('columns', () => {
  test('of pods: readiness, the most telling status, restarts, age', async () => {
    const cluster = new TestCluster();
    const statuses: Record<string, object> = {
      a: { phase: 'Running', containerStatuses: [{ ready: true, restartCount: 2, state: { running: {} } }] },
      b: { phase: 'Running', containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
      c: { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 3 } } }] },
      d: { phase: 'Failed', reason: 'Evicted' },
    };
    for (const [name, status] of Object.entries(statuses)) {
      await cluster.must(cluster.post(PODS, { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } }));
      await cluster.must(cluster.merge(`${PODS}/${name}/status`, { status }));
    }
    await cluster.clock.advanceBy(90_000);
    expect(await cells(cluster, PODS)).toEqual([
      ['a', '1/1', 'Running', '2', '90s'],
      ['b', '0/1', 'CrashLoopBackOff', '0', '90s'],
      ['c', '0/1', 'ExitCode:3', '0', '90s'],
      ['d', '0/1', 'Evicted', '0', '90s'],
    ]);
  });

  test('a watch says once what the columns are', async () => {
    const cluster = new TestCluster();
    const { chunks } = await cluster.transport.stream({
      method: 'GET',
      path: DEPLOYMENTS,
      query: { watch: '1' },
      headers: TABLE,
    });
    const tables: Json[] = [];
    void (async () => {
      for await (const chunk of chunks) tables.push(JSON.parse(new TextDecoder().decode(chunk)).object);
    })();
    for (const name of ['a', 'b']) {
      const template = { metadata: { labels: { x: 'y' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
      const spec = { replicas: 2, selector: { matchLabels: { x: 'y' } }, template };
      await cluster.must(cluster.post(DEPLOYMENTS, { metadata: { name }, spec }));
    }
    await cluster.clock.settle();
    expect(tables.map((table) => [table.kind, table.columnDefinitions === null])).toEqual([
      ['Table', false],
      ['Table', true],
    ]);
    expect(tables[0].rows[0].cells.slice(0, 5)).toEqual(['a', '0/2', 0, 0, '0s']);
  });
});
