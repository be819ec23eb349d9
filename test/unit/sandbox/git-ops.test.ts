import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConfigMap, Service } from '../../../src/api/core-types.ts';
import { createKubeClient } from '../../../src/kube/kube-client.ts';
import { CONFIG_MAPS, SERVICES } from '../../../src/kube/resources.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { findProgram } from '../../../src/sandbox/find-program.ts';
import { FIELD_MANAGER, GitOps } from '../../../src/sandbox/git/git-ops.ts';
import { GitRepository } from '../../../src/sandbox/git/git-repository.ts';
import { readManifests } from '../../../src/sandbox/git/manifests.ts';
import { ApiServer } from '../../../src/simulator/api-server.ts';
import { InProcessTransport } from '../../../src/simulator/in-process-transport.ts';
import { temporaryFolder } from './small-cluster.ts';

const settings = (colour: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { colour: ${colour} }
`;
const SERVICE = `
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { selector: { app: shop }, ports: [{ port: 80 }] }
`;

async function startAgent() {
  const transport = new InProcessTransport(new ApiServer({ clock: systemClock }), { clock: systemClock });
  const client = createKubeClient(transport);
  const repository = await GitRepository.create(temporaryFolder(), findProgram('git'));
  const applied = new Map<string, () => void>();
  const errors: unknown[] = [];
  const failed = Promise.withResolvers<unknown>();
  const agent = new GitOps({
    repository,
    client,
    transport,
    clock: systemClock,
    onApplied: (commit) => applied.get(commit)?.(),
    onError: (error) => {
      errors.push(error);
      failed.resolve(error);
    },
  });
  onTestFinished(() => agent.stop());
  return {
    agent,
    client,
    repository,
    errors,
    failed: failed.promise,
    /** Commits files and waits until the agent has applied them. */
    apply: async (files: Record<string, string>): Promise<string> => {
      const commit = await repository.commit('change', files);
      return new Promise((resolve) => applied.set(commit, () => resolve(commit)));
    },
    settings: () => client.get<ConfigMap>(CONFIG_MAPS, { namespace: 'default', name: 'settings' }),
  };
}

describe('GitOps', () => {
  it('brings commits and reverts into the cluster under its own field manager', async () => {
    const { agent, apply, settings: read, repository } = await startAgent();
    agent.start();
    await apply({ 'settings.yaml': settings('green') });
    expect((await read()).metadata.managedFields).toEqual([
      expect.objectContaining({ manager: FIELD_MANAGER, operation: 'Apply' }),
    ]);
    await apply({ 'settings.yaml': settings('red') });
    expect((await read()).data).toEqual({ colour: 'red' });
    await repository.revertHead();
    await expect.poll(async () => (await read()).data).toEqual({ colour: 'green' });
  });

  it('leaves alone what a commit does not change', async () => {
    const { agent, apply, client } = await startAgent();
    agent.start();
    await apply({ 'service.yaml': SERVICE, 'settings.yaml': settings('green') });
    const key = { namespace: 'default', name: 'shop' };
    const patch = { spec: { selector: { version: 'abc' } } };
    await client.patch(SERVICES, key, { type: 'merge', patch });
    await apply({ 'settings.yaml': settings('red') });
    const service = await client.get<Service>(SERVICES, key);
    expect(service.spec?.selector).toEqual({ app: 'shop', version: 'abc' });
  });

  it('reports what cannot be applied, and goes on with the commit that repairs it', async () => {
    const { agent, apply, repository, failed, settings: read } = await startAgent();
    await repository.commit('broken', { 'settings.yaml': 'kind: [' });
    agent.start();
    expect(String(await failed)).toContain('settings.yaml');
    await apply({ 'settings.yaml': settings('green') });
    expect((await read()).data).toEqual({ colour: 'green' });
  });
});

describe('readManifests', () => {
  it('reads several documents and passes over empty ones', () => {
    const objects = readManifests('all.yaml', `${SERVICE}---\n# nothing\n---${settings('red')}`);
    expect(objects.map(({ kind }) => kind)).toEqual(['Service', 'ConfigMap']);
  });

  it('names the file of what is no manifest', () => {
    expect(() => readManifests('odd.yaml', 'just: text')).toThrow(
      'odd.yaml: a document lacks apiVersion, kind or metadata.name',
    );
  });
});
