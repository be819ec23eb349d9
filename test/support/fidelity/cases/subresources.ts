import type { KubeObject } from '../../../../src/api/object-meta.ts';
import { systemClock } from '../../../../src/runtime/system-clock.ts';
import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, deployment, gadget, pod, replicaSet, SERVICE_ACCOUNT, widget } from '../objects.ts';
import type { Probe } from '../probe.ts';

const SECOND_MS = 1000;

export const SUBRESOURCES: FidelityGroup = {
  name: 'subresources',
  cases: [
    {
      name: 'a status is written by its subresource alone, and nothing else by that',
      async play(api) {
        const show = ['spec.replicas', 'status', 'metadata.labels', 'metadata.annotations'];
        const first = await api.given('widgets', widget({ replicas: 1 }));
        await api.patch('merge', 'widgets/a', { status: { replicas: 9 } }, { show });
        const all = {
          spec: { replicas: 5 },
          metadata: { labels: { a: 'b' }, annotations: { a: 'b' } },
          status: { replicas: 2 },
        };
        await api.patch('merge', 'widgets/a/status', all, { show });
        const { body } = await api.get('widgets/a/status', { show });
        await api.put('widgets/a/status', { ...body, spec: { size: 9 }, status: { ready: true } }, { show });
        await api.put('widgets/a/status', { ...body, status: { ready: true } });
        await api.put('widgets/a', { ...first, metadata: { name: 'a' }, status: {} });
        await api.delete('widgets/a/status');
        await api.post('widgets/a/status', {});
      },
    },
    {
      name: 'a status of a built-in kind',
      async play(api) {
        const show = ['spec.replicas', 'status', 'metadata.labels', 'metadata.annotations'];
        await api.given('deployments', deployment());
        const all = {
          spec: { replicas: 5 },
          metadata: { labels: { a: 'b' }, annotations: { a: 'b' } },
          status: { replicas: 2 },
        };
        await api.patch('merge', 'deployments/a/status', all, { show });
        await api.patch('strategic', 'deployments/a/status', { status: { readyReplicas: 1 } }, { show });
        await api.patch('merge', 'deployments/a/status', { status: { replicas: -1 } });
        await api.patch('merge', 'deployments/a', { status: { replicas: 7 } }, { show });
      },
    },
    {
      name: 'a status is validated',
      async play(api) {
        await api.given('widgets', widget());
        await api.patch('merge', 'widgets/a/status', { status: { ready: 'yes', since: 5 } }, { words: 'any' });
        await api.patch('merge', 'widgets/a/status', { status: { conditions: [{ type: 'Ready' }] } });
        await api.patch('merge', 'widgets/a/status', { status: null }, { show: ['status'] });
      },
    },
    {
      name: 'kinds without a status or scale',
      async play(api) {
        await api.given('gadgets', gadget());
        await api.get('gadgets/a/status');
        await api.patch('merge', 'gadgets/a/status', { status: {} });
        await api.get('gadgets/a/scale');
        await api.given('configmaps', configMap('a'));
        await api.get('configmaps/a/status');
        await api.get('configmaps/a/scale');
      },
    },
    {
      name: 'scale of a built-in kind',
      async play(api) {
        await api.given('replicasets', replicaSet({ replicas: 0 }));
        const { body } = await api.get('replicasets/a/scale');
        await api.put('replicasets/a/scale', { ...body, spec: { replicas: 2 } });
        await api.put('replicasets/a/scale', { ...body, spec: { replicas: 3 } });
        await api.put('replicasets/a/scale', { metadata: { name: 'a' }, spec: { replicas: 4 } });
        await api.patch('merge', 'replicasets/a/scale', { spec: { replicas: -1 } });
        await api.patch('json', 'replicasets/a/scale', [{ op: 'replace', path: '/spec/replicas', value: 1 }]);
        await api.get('replicasets/a', { show: ['spec.replicas', 'metadata.generation'] });
        await api.get('replicasets/none/scale');
        await api.patch('merge', 'replicasets/none/scale', { spec: { replicas: 1 } });
      },
    },
    {
      name: 'scale of a custom resource',
      async play(api) {
        await api.given('widgets', widget());
        await api.get('widgets/a/scale');
        await api.patch('merge', 'widgets/a/scale', { spec: { replicas: 4 } });
        await api.patch(
          'merge',
          'widgets/a/status',
          { status: { replicas: 3, selector: 'app=a' } },
          { show: ['status'] },
        );
        const { body } = await api.get('widgets/a/scale');
        await api.put('widgets/a/scale', { ...body, spec: { replicas: 2 } });
        await api.put('widgets/a/scale', { ...body, spec: { replicas: 1 } });
        await api.patch('merge', 'widgets/a/scale', { spec: { replicas: -1 } });
        await api.patch('merge', 'widgets/a/scale', { metadata: { labels: { a: 'b' } }, spec: { replicas: 6 } });
        await api.get('widgets/a', { show: ['metadata.labels', 'metadata.generation', 'spec.replicas', 'status'] });
        await api.patch('strategic', 'widgets/a/scale', { spec: { replicas: 1 } });
        await api.put('widgets/a/scale', { metadata: { name: 'b' }, spec: { replicas: 1 } });
        await api.get('widgets/none/scale');
      },
    },
    {
      name: 'a pod is bound to a node once',
      async play(api) {
        await api.given('serviceaccounts', SERVICE_ACCOUNT).catch(() => {});
        await api.given('pods', pod('a'));
        const binding = { metadata: { name: 'a' }, target: { kind: 'Node', name: 'n1' } };
        await api.post('pods/a/binding', binding);
        await api.get('pods/a', {
          show: ['spec.nodeName', 'status.conditions.*.type', 'status.conditions.*.status', 'status.phase'],
        });
        await api.post('pods/a/binding', { ...binding, target: { kind: 'Node', name: 'n2' } });
        await api.post('pods/none/binding', { ...binding, metadata: { name: 'none' } });
      },
    },
    {
      name: 'managedFields tell when the status was last changed',
      async play(api) {
        await api.given('serviceaccounts', SERVICE_ACCOUNT).catch(() => {});
        await api.given('pods', pod('a', { nodeName: 'n1' }));
        const setReady = (status: string) =>
          api.patch(
            'strategic',
            'pods/a/status?fieldManager=kubelet',
            { status: { conditions: [{ type: 'Ready', status, lastTransitionTime: '2020-01-01T00:00:00Z' }] } },
            { show: ['status.conditions.*.status'] },
          );
        await setReady('False');
        const first = await statusTimes(api);
        await systemClock.sleep(SECOND_MS + 100);
        await api.patch('merge', 'pods/a', { metadata: { labels: { a: 'b' } } }, { show: ['metadata.labels'] });
        await setReady('False');
        api.conclude('a label and the same status once more keep the time', (await statusTimes(api)) === first);
        await setReady('True');
        api.conclude('another status has a later time', (await statusTimes(api)) > first);
      },
    },
    {
      name: 'an eviction respects disruption budgets',
      async play(api) {
        await api.given('serviceaccounts', SERVICE_ACCOUNT).catch(() => {});
        await api.given('pods', pod('a', { nodeName: 'n1' }, { labels: { app: 'a' } }));
        await api.patch(
          'strategic',
          'pods/a/status',
          { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
          { show: ['status.phase'] },
        );
        const budget = { metadata: { name: 'a' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } } };
        await api.given('poddisruptionbudgets', budget);
        const status = {
          observedGeneration: 1,
          disruptionsAllowed: 0,
          currentHealthy: 1,
          desiredHealthy: 1,
          expectedPods: 1,
        };
        await api.patch('merge', 'poddisruptionbudgets/a/status', { status }, { show: ['status.disruptionsAllowed'] });
        await api.post('pods/a/eviction', { metadata: { name: 'a' } });
        await api.patch(
          'merge',
          'poddisruptionbudgets/a/status',
          { status: { disruptionsAllowed: 1 } },
          { show: ['status.disruptionsAllowed'] },
        );
        await api.post('pods/a/eviction?dryRun=All', { metadata: { name: 'a' } });
        await api.post('pods/a/eviction', { metadata: { name: 'a' } });
        await api.get('pods/a', { show: ['metadata.deletionTimestamp', 'metadata.deletionGracePeriodSeconds'] });
        await api.post('pods/none/eviction', { metadata: { name: 'none' } });
      },
    },
  ],
};

/** When each manager last wrote to the status of pod `a`. */
async function statusTimes(api: Probe): Promise<string> {
  const { metadata } = (await api.look('pods/a')) as KubeObject;
  return (metadata.managedFields ?? [])
    .filter(({ subresource }) => subresource === 'status')
    .map(({ manager, time }) => `${manager} ${time}`)
    .join();
}
