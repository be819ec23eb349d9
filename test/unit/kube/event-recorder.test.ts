import { beforeEach, expect, test } from 'vitest';
import type { KubeEvent } from '../../../src/api/core-types.ts';
import { EventRecorder } from '../../../src/kube/event-recorder.ts';
import { createKubeClient } from '../../../src/kube/kube-client.ts';
import { CLUSTER_ANALYSIS_TEMPLATES, ROLLOUTS } from '../../../src/kube/resources.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';
import { type ScriptedAnswer, ScriptedTransport } from '../../support/scripted-transport.ts';

const rollout = { metadata: { namespace: 'shop', name: 'cart', uid: 'u1', resourceVersion: '7' } };
const paused = { type: 'Normal', reason: 'RolloutPaused', message: 'Rollout is paused (CanaryPauseStep)' } as const;

let clock: VirtualClock;
let events: Map<string, KubeEvent>;
let transport: ScriptedTransport;
let metrics: MetricsRegistry;
let recorder: EventRecorder;

beforeEach(() => {
  clock = new VirtualClock();
  events = new Map();
  metrics = new MetricsRegistry();
  transport = new ScriptedTransport(store);
  recorder = new EventRecorder({
    client: createKubeClient(transport),
    clock,
    random: () => 1,
    metrics,
    instance: 'pod-1',
  });
});

function store({ method, path, body }: { method: string; path: string; body?: string }): ScriptedAnswer {
  const sent = JSON.parse(body!) as KubeEvent;
  const name = method === 'POST' ? sent.metadata.name! : path.split('/').at(-1)!;
  if (method === 'PATCH' && !events.has(name)) return { status: 404 };
  const event = { ...events.get(name), ...sent };
  events.set(name, event);
  return { body: event };
}

const stored = () => [...events.values()].map(({ reason, message, count }) => `${count}× ${reason}: ${message}`);

test('an event is written as client-go writes it, under Argo Rollouts’ name', async () => {
  recorder.record(ROLLOUTS, rollout, paused);
  await clock.settle();
  const [event] = events.values();
  expect(event).toEqual({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'shop', name: expect.stringMatching(/^cart\.[0-9a-f]{16}$/) },
    involvedObject: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      namespace: 'shop',
      name: 'cart',
      uid: 'u1',
      resourceVersion: '7',
    },
    ...paused,
    count: 1,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    source: { component: 'rollouts-controller' },
    reportingComponent: 'rollouts-controller',
    reportingInstance: 'pod-1',
  });
});

test('repetitions are counted, others are not, and all keep their order', async () => {
  recorder.record(ROLLOUTS, rollout, paused);
  await clock.advanceBy(5000);
  recorder.record(ROLLOUTS, rollout, { ...paused, message: 'another' });
  recorder.record(ROLLOUTS, rollout, paused);
  recorder.record(ROLLOUTS, { metadata: { ...rollout.metadata, uid: 'u2' } }, paused);
  await clock.settle();
  expect(stored()).toEqual([
    `2× RolloutPaused: ${paused.message}`,
    '1× RolloutPaused: another',
    `1× RolloutPaused: ${paused.message}`,
  ]);
  expect([...events.values()][0]).toMatchObject({
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:05Z',
  });
});

test('an event that has expired meanwhile is written anew', async () => {
  recorder.record(ROLLOUTS, rollout, paused);
  await clock.settle();
  events.clear();
  recorder.record(ROLLOUTS, rollout, paused);
  await clock.settle();
  expect(stored()).toEqual([`1× RolloutPaused: ${paused.message}`]);
});

test('one object has 25 events of a reason at once and then one in five minutes; others are not concerned', async () => {
  for (let i = 0; i < 40; i += 1) recorder.record(ROLLOUTS, rollout, { ...paused, message: String(i) });
  recorder.record(ROLLOUTS, { metadata: { ...rollout.metadata, uid: 'u2' } }, paused);
  recorder.record(ROLLOUTS, rollout, { ...paused, reason: 'RolloutCompleted' });
  await clock.settle();
  expect(events.size).toBe(27);
  expect(metrics.expose()).toContain('kube_events_dropped_total{reason="spam"} 15');
  await clock.advanceBy(300_000);
  recorder.record(ROLLOUTS, rollout, { ...paused, message: 'again' });
  recorder.record(ROLLOUTS, rollout, { ...paused, message: 'too much' });
  await clock.settle();
  expect(events.size).toBe(28);
});

test('an outage delays events and loses none', async () => {
  transport.answer = () => ({ status: 503 });
  recorder.record(ROLLOUTS, rollout, paused);
  recorder.record(ROLLOUTS, rollout, { ...paused, message: 'second' });
  await clock.advanceBy(20_000);
  expect(events.size).toBe(0);
  transport.answer = store;
  await clock.advanceBy(60_000);
  expect(stored()).toEqual([`1× RolloutPaused: ${paused.message}`, '1× RolloutPaused: second']);
});

test('what repeats while the server is away is written once, with its count', async () => {
  transport.answer = () => ({ status: 503 });
  recorder.record(ROLLOUTS, rollout, { ...paused, message: 'first' });
  for (let i = 0; i < 5; i += 1) {
    recorder.record(ROLLOUTS, rollout, paused);
    recorder.record(ROLLOUTS, rollout, { ...paused, message: 'other' });
    await clock.advanceBy(1_000);
  }
  transport.answer = store;
  transport.requests.length = 0;
  await clock.advanceBy(60_000);
  expect(transport.requests).toHaveLength(3);
  expect(stored()).toEqual([
    '1× RolloutPaused: first',
    `5× RolloutPaused: ${paused.message}`,
    '5× RolloutPaused: other',
  ]);
  expect([...events.values()][1]).toMatchObject({
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:04Z',
  });
});

test('an event that the server refuses is dropped, and the next is written', async () => {
  let first = true;
  transport.answer = (request) => {
    const refused = first;
    first = false;
    return refused ? { status: 403 } : store(request);
  };
  recorder.record(ROLLOUTS, rollout, paused);
  recorder.record(ROLLOUTS, rollout, { ...paused, message: 'second' });
  await clock.settle();
  expect(stored()).toEqual(['1× RolloutPaused: second']);
  expect(metrics.expose()).toContain('kube_events_dropped_total{reason="refused"} 1');
});

test('a long outage does not fill the memory: the oldest give way', () => {
  transport.answer = () => ({ status: 503 });
  for (let i = 0; i < 10_500; i += 1)
    recorder.record(ROLLOUTS, { metadata: { ...rollout.metadata, uid: `u${i}` } }, paused);
  expect(metrics.expose()).toContain('kube_events_dropped_total{reason="overflow"} 499');
});

test('flush waits for what is queued, but not for ever', async () => {
  recorder.record(ROLLOUTS, rollout, paused);
  await recorder.flush(1000);
  expect(events.size).toBe(1);
  transport.answer = () => ({ status: 503 });
  recorder.record(ROLLOUTS, rollout, { ...paused, message: 'late' });
  let flushed = false;
  void recorder.flush(1000).then(() => (flushed = true));
  await clock.advanceBy(999);
  expect(flushed).toBe(false);
  await clock.advanceBy(1);
  expect(flushed).toBe(true);
});

test('secrets and excess length stay out of messages; cluster-scoped objects have their events in default', async () => {
  const message = `Bearer abc-123-xyz ${'x'.repeat(2000)}`;
  recorder.record(
    CLUSTER_ANALYSIS_TEMPLATES,
    { metadata: { name: 'n'.repeat(253), uid: 'u' } },
    { ...paused, message },
  );
  await clock.settle();
  const [event] = events.values();
  expect(event?.message).toMatch(/^Bearer \[redacted\] x+…$/);
  expect(event?.message).toHaveLength(1024);
  expect(event?.metadata.namespace).toBe('default');
  expect(event!.metadata.name!.length).toBeLessThanOrEqual(253);
});
