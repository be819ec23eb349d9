import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findKubectl, type Kubectl } from '../../support/kubectl.ts';
import { DEPLOYMENT, type KubectlServer, startKubectlServer } from './kubectl-server.ts';

const found = await findKubectl();
if ('missing' in found) process.stdout.write(`skipped: ${found.missing}\n`);

describe.skipIf('missing' in found)('kubectl on running workloads', () => {
  let server: KubectlServer;
  let kubectl: Kubectl;

  beforeAll(async () => {
    server = await startKubectlServer('path' in found ? found.path : '', true);
    kubectl = server.kubectl;
  });
  afterAll(() => server.close());

  test('rollout status, history, undo; deleting the deployment deletes all', async () => {
    await kubectl.run('apply -f -', DEPLOYMENT);
    expect(await kubectl.run('rollout status deploy/web --timeout=10s')).toContain('successfully rolled out');
    expect(await kubectl.run('get pods')).toMatch(/^web-\S+ +\d\/2 +Running +0 +\ds$/m);
    await kubectl.run('set image deploy/web web=web:2');
    await kubectl.run('rollout status deploy/web --timeout=10s');
    expect(await kubectl.run('rollout history deploy/web')).toMatch(/^2 +<none>$/m);
    await kubectl.run('rollout undo deploy/web');
    await kubectl.run('rollout status deploy/web --timeout=10s');
    expect(await kubectl.run('get deploy web -o wide')).toMatch(/^web +2\/2 +2 +2 .*web:1,side:1/m);
    await kubectl.run('delete deploy web --cascade=foreground --timeout=10s');
    expect((await kubectl.try('get deploy,rs')).stderr).toContain('No resources found');
  });
});
