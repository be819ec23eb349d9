import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, ownedBy } from '../objects.ts';

const FATE = ['metadata.name', 'metadata.finalizers', 'metadata.deletionTimestamp', 'metadata.ownerReferences'];

/** ConfigMaps own ConfigMaps here: the real garbage collector needs half a minute to learn of a new kind. */
export const GARBAGE: FidelityGroup = {
  name: 'garbage',
  cases: [
    {
      name: 'in the background: the owner first, then what it owns',
      async play(api) {
        const owner = await api.given('configmaps', configMap('owner'));
        const { metadata } = await api.given('configmaps', configMap('owned', {}, ownedBy(owner)));
        const watch = await api.watch(`configmaps?resourceVersion=${metadata.resourceVersion}`, { show: FATE });
        await api.delete('configmaps/owner', { propagationPolicy: 'Background' });
        await watch.take(2);
      },
    },
    {
      name: 'without a policy: in the background',
      async play(api) {
        const owner = await api.given('configmaps', configMap('owner'));
        const { metadata } = await api.given('configmaps', configMap('owned', {}, ownedBy(owner)));
        const watch = await api.watch(`configmaps?resourceVersion=${metadata.resourceVersion}`, { show: FATE });
        await api.delete('configmaps/owner');
        await watch.take(2);
      },
    },
    {
      name: 'in the foreground: what blocks goes first',
      async play(api) {
        const owner = await api.given('configmaps', configMap('owner'));
        const { metadata } = await api.given(
          'configmaps',
          configMap('owned', {}, ownedBy(owner, { blockOwnerDeletion: true })),
        );
        const watch = await api.watch(`configmaps?resourceVersion=${metadata.resourceVersion}`, { show: FATE });
        await api.delete('configmaps/owner', { propagationPolicy: 'Foreground' }, { show: FATE });
        await watch.take(3);
      },
    },
    {
      name: 'in the foreground: a finalizer of the owned holds the owner',
      async play(api) {
        const owner = await api.given('configmaps', configMap('owner'));
        const blocked = { ...ownedBy(owner, { blockOwnerDeletion: true }), finalizers: ['x.dev/hold'] };
        const { metadata } = await api.given('configmaps', configMap('owned', {}, blocked));
        const watch = await api.watch(`configmaps?resourceVersion=${metadata.resourceVersion}`, { show: FATE });
        await api.delete('configmaps/owner', { propagationPolicy: 'Foreground' }, { show: FATE });
        await watch.take(2);
        await api.get('configmaps/owner', { show: FATE });
        await api.patch('merge', 'configmaps/owned', { metadata: { finalizers: null } }, { show: FATE });
        await watch.take(2);
      },
    },
    {
      name: 'in the foreground: what does not block is not waited for',
      async play(api) {
        const owner = await api.given('configmaps', configMap('owner'));
        const free = { ...ownedBy(owner), finalizers: ['x.dev/hold'] };
        await api.given('configmaps', configMap('owned', {}, free));
        const watch = await api.watch('configmaps?fieldSelector=metadata.name%3Downer', { show: FATE });
        await watch.take(1);
        await api.delete('configmaps/owner', { propagationPolicy: 'Foreground' }, { show: FATE });
        await watch.take(2);
      },
    },
    {
      name: 'orphaned: the owned lose their owner and stay',
      async play(api) {
        const owner = await api.given('configmaps', configMap('owner'));
        const { metadata } = await api.given('configmaps', configMap('owned', {}, ownedBy(owner)));
        const watch = await api.watch(`configmaps?resourceVersion=${metadata.resourceVersion}`, { show: FATE });
        await api.delete('configmaps/owner', { propagationPolicy: 'Orphan' }, { show: FATE });
        await watch.take(3);
      },
    },
    {
      name: 'an owner that does not exist: the owned goes',
      async play(api) {
        const nobody = { metadata: { name: 'nobody', uid: '11111111-2222-4333-8444-555555555555' } };
        const { metadata } = await api.given('configmaps', configMap('owned', {}, ownedBy(nobody)));
        const watch = await api.watch(`configmaps?resourceVersion=${metadata.resourceVersion}`, {
          show: ['metadata.name'],
        });
        await watch.take(1);
      },
    },
    {
      name: 'of two owners one goes: the reference to it goes',
      async play(api) {
        const one = await api.given('configmaps', configMap('one'));
        const two = await api.given('configmaps', configMap('two'));
        const both = [one, two].flatMap((owner) => (ownedBy(owner) as { ownerReferences: object[] }).ownerReferences);
        const { metadata } = await api.given('configmaps', configMap('owned', {}, { ownerReferences: both }));
        const watch = await api.watch(`configmaps?resourceVersion=${metadata.resourceVersion}`, { show: FATE });
        await api.delete('configmaps/one');
        await watch.take(2);
      },
    },
    {
      name: 'owner references are checked',
      async play(api) {
        const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '11111111-2222-4333-8444-555555555555' };
        const ask = (...ownerReferences: object[]): Promise<unknown> =>
          api.post('configmaps?dryRun=All', configMap('a', {}, { ownerReferences }));
        await ask({ ...owner, uid: '' });
        await ask({ apiVersion: 'v1', kind: '', name: '', uid: 'x' });
        await ask({ ...owner, apiVersion: 'a/b/c' });
        await ask({ ...owner, controller: true }, { ...owner, uid: 'other', controller: true });
      },
    },
  ],
};
