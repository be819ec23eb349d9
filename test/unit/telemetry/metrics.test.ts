import { expect, test } from 'vitest';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';

test('exposes every kind in the text format', () => {
  const registry = new MetricsRegistry();
  const requests = registry.counter('requests_total', 'How many.', ['verb', 'code']);
  requests.inc({ verb: 'get', code: '200' });
  requests.inc({ verb: 'get', code: '200' }, 2);
  registry.gauge('temperature', 'Now.', []).set({}, -1.5);
  const seconds = registry.histogram('seconds', 'Duration.', ['kind'], { buckets: [0.1, 1] });
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe({ kind: 'x' }, value);
  expect(registry.expose()).toBe(`# HELP requests_total How many.
# TYPE requests_total counter
requests_total{verb="get",code="200"} 3
# HELP temperature Now.
# TYPE temperature gauge
temperature -1.5
# HELP seconds Duration.
# TYPE seconds histogram
seconds_bucket{kind="x",le="0.1"} 2
seconds_bucket{kind="x",le="1"} 3
seconds_bucket{kind="x",le="+Inf"} 4
seconds_sum{kind="x"} 7.65
seconds_count{kind="x"} 4
`);
});

test('escapes what the format cannot hold, and spells what numbers cannot', () => {
  const registry = new MetricsRegistry();
  const gauge = registry.gauge('g', 'Two\nlines \\ one', ['a']);
  gauge.set({ a: 'say "hi"\n\\' }, Number.POSITIVE_INFINITY);
  gauge.set({ a: 'nan' }, Number.NaN);
  gauge.set({ a: 'low' }, Number.NEGATIVE_INFINITY);
  expect(registry.expose().split('\n')).toEqual([
    String.raw`# HELP g Two\nlines \\ one`,
    '# TYPE g gauge',
    String.raw`g{a="say \"hi\"\n\\"} +Inf`,
    'g{a="nan"} NaN',
    'g{a="low"} -Inf',
    '',
  ]);
});

test('collectors run at each exposition', () => {
  const registry = new MetricsRegistry();
  const gauge = registry.gauge('size', 'Objects.', []);
  let size = 0;
  registry.onScrape(() => gauge.set({}, (size += 1)));
  registry.expose();
  expect(registry.expose()).toContain('size 2');
});

test('series of a deleted object can be removed', () => {
  const registry = new MetricsRegistry();
  const gauge = registry.gauge('info', 'Info.', ['namespace', 'name', 'phase']);
  gauge.set({ namespace: 'a', name: 'x', phase: 'p' }, 1);
  gauge.set({ namespace: 'a', name: 'x', phase: 'q' }, 1);
  gauge.set({ namespace: 'a', name: 'y', phase: 'p' }, 1);
  gauge.remove({ namespace: 'a', name: 'x' });
  expect(registry.expose().match(/^info/gm)).toHaveLength(1);
  gauge.clear();
  expect(registry.expose()).toBe('');
});

test('a label without bound does not fill the memory, and shows', () => {
  const registry = new MetricsRegistry();
  const counter = registry.counter('c', 'C.', ['user'], { maxSeries: 3 });
  for (let i = 0; i < 10; i += 1) counter.inc({ user: String(i) });
  counter.inc({ user: '0' });
  expect(registry.expose().match(/^c\{/gm)).toHaveLength(3);
  expect(counter.value({ user: '0' })).toBe(2);
  expect(registry.expose()).toContain('metrics_series_dropped_total{metric="c"} 7');
});

test('the same name is the same metric, and never another kind of it', () => {
  const registry = new MetricsRegistry();
  registry.counter('c', 'C.', []).inc({});
  registry.counter('c', 'C.', []).inc({});
  expect(registry.counter('c', 'C.', []).value({})).toBe(2);
  expect(() => registry.gauge('c', 'C.', [])).toThrow('metric c already exists as a counter');
});
