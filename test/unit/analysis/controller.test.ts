import { describe, expect, it } from 'vitest';
import type { AnalysisRun, Metric } from '../../../src/api/analysis.ts';
import type { KubeObject, Secret } from '../../../src/api/core-types.ts';
import { AnalysisRunController } from '../../../src/controllers/analysis-run/controller.ts';
import type { Outcome } from '../../../src/core/analysis/outcome.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { ObjectKey, PatchBody } from '../../../src/kube/client.ts';
import type { Resource } from '../../../src/kube/resources.ts';
import { Store } from '../../../src/kube/store.ts';
import type { Provider } from '../../../src/providers/provider.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import type { ReconcileContext } from '../../../src/runtime/controller-loop.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { silentLogger } from '../../../src/telemetry/logger.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';
import { MemoryKube } from '../../support/memory-kube.ts';
import { analysisRun, badQuery, prometheusMetric, SECOND, START, vector } from './fixtures.ts';

const KEY = 'default/run';

/** Refuses patches of another resourceVersion and gives each write a new one, as the API server does. */
class VersionedKube extends MemoryKube {
  /** Called before each patch: where somebody else may write. */
  beforePatch: () => void = () => undefined;
  #version = 1;

  override async patch<T extends KubeObject>(resource: Resource, key: ObjectKey, body: PatchBody): Promise<T> {
    this.beforePatch();
    const live = await this.get<T>(resource, key);
    const wanted = (body.patch as KubeObject).metadata.resourceVersion;
    if (wanted !== live.metadata.resourceVersion) {
      const request = { method: 'PATCH', path: '/' } as const;
      throw new ApiError({ status: 409, reason: 'Conflict', serverMessage: 'modified', details: {}, request });
    }
    const patched = await super.patch<T>(resource, key, body);
    return this.touch(patched);
  }

  touch<T extends KubeObject>(object: T): T {
    this.#version += 1;
    const touched = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.put(touched);
    return touched;
  }
}

function setUp(run: AnalysisRun, measure: (metric: Metric) => Outcome | Promise<Outcome>, others: KubeObject[] = []) {
  const kube = new VersionedKube([run, ...others]);
  const store = new Store<AnalysisRun>();
  const time = { now: START };
  const clock: Clock = { ...systemClock, now: () => time.now, monotonic: () => time.now };
  const events: string[] = [];
  const measured: Metric[] = [];
  const provider: Provider = {
    name: 'prometheus',
    describe: ({ provider: { prometheus } }) => ({ ResolvedPrometheusQuery: prometheus?.query ?? '' }),
    measure: async (metric) => {
      measured.push(metric);
      return await measure(metric);
    },
  };
  const controller = new AnalysisRunController({
    runs: store,
    client: kube,
    reader: kube,
    providers: new Map([['prometheus', provider]]),
    recorder: { record: (_resource, _object, { reason, message }) => events.push(`${reason}: ${message}`) },
    clock,
    metrics: new MetricsRegistry(),
  });
  const stop = new AbortController();
  const context: ReconcileContext = {
    signal: stop.signal,
    logger: silentLogger,
    reconcileId: '1',
    priority: 'normal',
  };
  const live = (): AnalysisRun => {
    const current = kube.current(run);
    if (current === undefined) throw new Error('the run is gone');
    return current;
  };
  /** One pass with a cache that shows the present. */
  const pass = () => {
    const current = kube.current(run);
    if (current === undefined) store.delete(KEY);
    else store.set(KEY, current);
    return controller.reconcile(KEY, context);
  };
  return { kube, store, time, events, measured, controller, context, stop, live, pass };
}

describe('the AnalysisRun controller', () => {
  it('measures all due metrics, stores once and says what came of it', async () => {
    const run = analysisRun([prometheusMetric({ name: 'a' }), prometheusMetric({ name: 'b' })]);
    const { pass, live, kube, events } = setUp(run, () => vector(1));
    expect(await pass()).toEqual({ requeueAt: undefined });
    expect(kube.writes).toHaveLength(1);
    expect(live().status).toMatchObject({ phase: 'Successful', completedAt: '2026-11-21T20:00:00Z' });
    expect(live().status?.metricResults?.[0]?.metadata).toEqual({ ResolvedPrometheusQuery: 'up' });
    expect(events).toEqual([
      "MetricSuccessful: Metric 'a' Completed. Result: Successful",
      "MetricSuccessful: Metric 'b' Completed. Result: Successful",
      'AnalysisRunSuccessful: Analysis Completed. Result: Successful',
    ]);
  });

  it('measures at the same time', async () => {
    const run = analysisRun([prometheusMetric({ name: 'a' }), prometheusMetric({ name: 'b' })]);
    const both = Promise.withResolvers<Outcome>();
    let started = 0;
    const { pass, live } = setUp(run, () => {
      started += 1;
      if (started === 2) both.resolve(vector(1));
      return both.promise;
    });
    await pass();
    expect(live().status?.phase).toBe('Successful');
  });

  it('comes back when the next measurement is due, and writes nothing in between', async () => {
    const { pass, kube, time } = setUp(analysisRun([prometheusMetric({ interval: '1m' })]), () => vector(1));
    expect(await pass()).toEqual({ requeueAt: START + 60 * SECOND });
    time.now += 30 * SECOND;
    expect(await pass()).toEqual({ requeueAt: START + 60 * SECOND });
    expect(kube.writes).toHaveLength(1);
  });

  it('measures once although the cache does not show the result yet', async () => {
    const run = analysisRun([prometheusMetric({ interval: '1m' })]);
    const { store, controller, context, measured } = setUp(run, () => vector(1));
    store.set(KEY, run);
    await controller.reconcile(KEY, context);
    expect(await controller.reconcile(KEY, context)).toEqual({ requeueAt: START + 60 * SECOND });
    expect(measured).toHaveLength(1);
  });

  it('carries a measurement over to what somebody else wrote meanwhile', async () => {
    const run = analysisRun([prometheusMetric({ interval: '1m' })]);
    const { pass, kube, live, measured } = setUp(run, () => vector(1));
    kube.beforePatch = () => {
      kube.beforePatch = () => undefined;
      kube.touch({ ...live(), spec: { ...run.spec, terminate: true } });
    };
    await pass();
    expect(measured).toHaveLength(1);
    expect(live().status).toMatchObject({
      phase: 'Successful',
      message: 'Run Terminated',
      metricResults: [{ count: 1, successful: 1 }],
    });
  });

  it('gives up a pass when others keep writing', async () => {
    const { pass, kube, live } = setUp(analysisRun([prometheusMetric()]), () => vector(1));
    kube.beforePatch = () => void kube.touch(live());
    await expect(pass()).rejects.toThrow('modified');
  });

  it('does not write into another run of the same name', async () => {
    const { pass, kube, live } = setUp(analysisRun([prometheusMetric()]), () => vector(1));
    kube.beforePatch = () => void kube.touch({ ...live(), metadata: { ...live().metadata, uid: 'another' } });
    await pass();
    expect(kube.writes).toEqual([]);
  });

  it('ends quietly when the run is deleted meanwhile', async () => {
    const { pass, kube, events } = setUp(analysisRun([prometheusMetric()]), () => vector(1));
    kube.beforePatch = () => kube.remove('AnalysisRun', 'default', 'run');
    expect(await pass()).toEqual({});
    expect(events).toEqual([]);
  });

  it('stores nothing of a measurement that its own stop cut short', async () => {
    const { pass, kube, stop } = setUp(analysisRun([prometheusMetric()]), () => {
      stop.abort(new Error('the controller stops'));
      return { kind: 'error', message: 'aborted', blindness: 'unreachable' };
    });
    await expect(pass()).rejects.toThrow('the controller stops');
    expect(kube.writes).toEqual([]);
  });

  it("records a provider's defect without its text", async () => {
    const { pass, live } = setUp(analysisRun([prometheusMetric()]), () => {
      throw new TypeError('cannot read hunter2');
    });
    await pass();
    expect(live().status?.metricResults?.[0]?.measurements?.[0]).toMatchObject({
      phase: 'Error',
      message: 'provider "prometheus" failed unexpectedly (TypeError)',
    });
  });

  it('deletes a run when its TTL is over', async () => {
    const run = analysisRun([prometheusMetric()], { ttlStrategy: { secondsAfterCompletion: 60 } });
    const { pass, kube, time } = setUp(run, () => vector(1));
    await pass();
    expect(await pass()).toEqual({ requeueAt: START + 60 * SECOND });
    time.now += 60 * SECOND;
    expect(await pass()).toEqual({});
    expect(kube.current(run)).toBeUndefined();
    expect(await pass()).toEqual({});
  });

  it('leaves a run alone that is being deleted', async () => {
    const run = analysisRun([prometheusMetric()]);
    const deleting = { ...run, metadata: { ...run.metadata, deletionTimestamp: '2026-11-21T20:00:00Z' } };
    const { pass, measured } = setUp(deleting, () => vector(1));
    expect(await pass()).toEqual({});
    expect(measured).toEqual([]);
  });
});

describe('secret arguments', () => {
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'prometheus', namespace: 'default' },
    data: { password: Buffer.from('hunter2').toString('base64') },
  };
  const run = (key: string) =>
    analysisRun([prometheusMetric({ provider: { prometheus: { query: 'up{key="{{args.password}}"}' } } })], {
      args: [{ name: 'password', value: 'default', valueFrom: { secretKeyRef: { name: 'prometheus', key } } }],
    });

  it('reach the provider, and nothing else', async () => {
    const { pass, live, measured, events } = setUp(
      run('password'),
      () => ({ ...badQuery, message: 'hunter2 is wrong', metadata: { warnings: '["hunter2"]' } }),
      [secret],
    );
    await pass();
    expect(measured[0]?.provider.prometheus?.query).toBe('up{key="hunter2"}');
    expect(JSON.stringify([live(), events])).not.toContain('hunter2');
    expect(live().status?.metricResults?.[0]).toMatchObject({
      metadata: { ResolvedPrometheusQuery: 'up{key="*****"}' },
      measurements: [{ message: '***** is wrong', metadata: { warnings: '["*****"]' } }],
    });
  });

  it('are hidden in values and conditions too', async () => {
    const metric = prometheusMetric({ successCondition: 'result == "{{args.password}}" + 1' });
    const spec = { ...run('password').spec, metrics: [metric] };
    const { pass, live } = setUp(
      { ...run('password'), spec },
      () => ({ kind: 'value', result: 'hunter2', value: '"hunter2"' }),
      [secret],
    );
    await pass();
    expect(JSON.stringify(live().status)).not.toContain('hunter2');
    expect(live().status?.metricResults?.[0]?.measurements?.[0]?.value).toBe('"*****"');
  });

  it.each([
    ['a missing key', 'token', [secret], "key 'token' does not exist in secret 'prometheus'"],
    ['a key of the prototype', 'constructor', [secret], "key 'constructor' does not exist in secret 'prometheus'"],
    ['a missing Secret', 'password', [], 'secrets "prometheus" not found'],
  ])('are errors that may heal: %s', async (_name, key, others, message) => {
    const { pass, live, measured } = setUp(run(key), () => vector(1), others);
    expect(await pass()).toEqual({ requeueAt: START + 10 * SECOND });
    expect(measured).toEqual([]);
    expect(live().status?.metricResults?.[0]?.measurements?.[0]).toMatchObject({
      phase: 'Error',
      message: `${message}; failed to resolve {{args.password}}`,
    });
  });
});
