import type { FidelityGroup } from '../fidelity-case.ts';

function event(name: string, namespace: string, more: object = {}): object {
  const involvedObject = { kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1', namespace, name: 'shop' };
  return {
    metadata: { name },
    involvedObject,
    type: 'Normal',
    reason: 'RolloutPaused',
    message: 'paused',
    source: { component: 'rollouts-controller' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
    ...more,
  };
}

export const EVENTS_LEASES: FidelityGroup = {
  name: 'events-leases',
  cases: [
    {
      name: 'an Event, and its count going up',
      async play(api) {
        await api.post('events', event('shop.17a1', api.namespace));
        const patch = { count: 2, lastTimestamp: '2026-01-01T00:01:00Z' };
        await api.patch('strategic', 'events/shop.17a1', patch, {
          show: ['count', 'reason', 'metadata.resourceVersion'],
        });
        await api.patch('merge', 'events/shop.17a1', { message: 'again' }, { show: ['count', 'message'] });
        await api.patch('merge', 'events/none', { count: 2 });
        await api.delete('events/shop.17a1');
      },
    },
    {
      name: 'what an Event must say',
      async play(api) {
        await api.post('events', event('a', 'elsewhere'));
        await api.post('events', { ...event('a', api.namespace), involvedObject: { kind: 'Rollout', name: 'x' } });
        await api.post('events', { ...event('b', api.namespace), type: 'Odd' }, { show: ['type'] });
        await api.post('events', { ...event('c', api.namespace), message: 'x'.repeat(1025) }, { show: ['type'] });
        const { involvedObject: _, ...none } = event('d', api.namespace) as { involvedObject: object };
        await api.post('events', none);
      },
    },
    {
      name: 'with a time in microseconds and a series, as newer recorders write',
      async play(api) {
        const modern = {
          eventTime: '2026-01-01T00:00:00.000001Z',
          reportingComponent: 'linnet.dev/controller',
          reportingInstance: 'pod-1',
          action: 'Pause',
          source: undefined,
          firstTimestamp: undefined,
          lastTimestamp: undefined,
          count: undefined,
        };
        await api.post('events', event('a', api.namespace, modern));
        const series = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' };
        await api.patch('merge', 'events/a', { series }, { show: ['series', 'count'] });
      },
    },
    {
      name: 'Events by field selector',
      async play(api) {
        await api.given('events', event('a', api.namespace));
        await api.given('events', event('b', api.namespace, { type: 'Warning', reason: 'Other' }));
        const ask = (selector: string): Promise<unknown> =>
          api.get(`events?fieldSelector=${encodeURIComponent(selector)}`, { show: ['items.*.metadata.name'] });
        await ask('involvedObject.name=shop,involvedObject.kind=Rollout');
        await ask('type=Warning');
        await ask('reason!=Other');
        await ask('source=rollouts-controller');
        await ask('reportingComponent=rollouts-controller');
        await ask('count=1');
      },
    },
    {
      name: 'a Lease changes hands by updates that conflict',
      async play(api) {
        const spec = {
          holderIdentity: 'one',
          leaseDurationSeconds: 15,
          acquireTime: '2026-01-01T00:00:00.000000Z',
          renewTime: '2026-01-01T00:00:00.123456Z',
          leaseTransitions: 0,
        };
        const { body } = await api.post('leases', { metadata: { name: 'a' }, spec });
        await api.put(
          'leases/a',
          { ...body, spec: { ...spec, renewTime: '2026-01-01T00:00:02.000000Z' } },
          { show: ['spec', 'metadata.resourceVersion'] },
        );
        await api.put('leases/a', { ...body, spec: { ...spec, holderIdentity: 'two' } });
        await api.post('leases', { metadata: { name: 'a' }, spec });
      },
    },
    {
      name: 'a Lease is checked',
      async play(api) {
        await api.post('leases', { metadata: { name: 'a' }, spec: { leaseDurationSeconds: 0 } });
        await api.post('leases', { metadata: { name: 'a' }, spec: { leaseTransitions: -1 } });
        await api.post('leases', { metadata: { name: 'a' }, spec: { renewTime: 'now' } }, { words: 'any' });
        await api.post(
          'leases',
          { metadata: { name: 'a' }, spec: { renewTime: '2026-01-01T00:00:00Z' } },
          { words: 'any' },
        );
      },
    },
  ],
};
