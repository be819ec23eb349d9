import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findKubectl, type Kubectl } from '../../support/kubectl.ts';
import { DEPLOYMENT, type KubectlServer, startKubectlServer } from './kubectl-server.ts';

const found = await findKubectl();
if ('missing' in found) process.stdout.write(`skipped: ${found.missing}\n`);

describe.skipIf('missing' in found)('kubectl on built-in kinds', () => {
  let server: KubectlServer;
  let kubectl: Kubectl;

  beforeAll(async () => {
    server = await startKubectlServer('path' in found ? found.path : '');
    kubectl = server.kubectl;
  });
  afterAll(() => server.close());

  /** A namespace of its own for each test. */
  const namespace = async (name: string): Promise<readonly string[]> => {
    await kubectl.run(`create namespace ${name}`);
    return ['-n', name];
  };
  const field = (path: string, ...where: readonly string[]): Promise<string> =>
    kubectl.run(['get', ...where, '-o', `jsonpath={${path}}`]);

  test('api-resources and version come from discovery', async () => {
    const resources = await kubectl.run('api-resources');
    expect(resources).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m);
    expect(resources).toMatch(/^namespaces +ns +v1 +false +Namespace$/m);
    expect(await kubectl.run('version')).toContain('v1.36.0+linnet');
    expect(await kubectl.run('get --raw /readyz')).toBe('ok');
  });

  test('apply, apply again, a removed list item, diff', async () => {
    const ns = await namespace('applied');
    expect(await kubectl.run(['apply', ...ns, '-f', '-'], DEPLOYMENT)).toBe('deployment.apps/web created\n');
    expect(await kubectl.run(['apply', ...ns, '-f', '-'], DEPLOYMENT)).toBe('deployment.apps/web unchanged\n');
    const changed = DEPLOYMENT.replace('web:1', 'web:2').replace('        - { name: SECOND, value: "2" }\n', '');
    const diff = await kubectl.try(['diff', ...ns, '-f', '-'], changed);
    expect(diff.status).toBe(1);
    expect(diff.stdout).toMatch(/^-.*image: web:1$/m);
    expect(diff.stdout).toMatch(/^\+.*image: web:2$/m);
    expect(await kubectl.run(['apply', ...ns, '-f', '-'], changed)).toBe('deployment.apps/web configured\n');
    expect(await field('.spec.template.spec.containers[*].name', 'deploy/web', ...ns)).toBe('web side');
    expect(await field('.spec.template.spec.containers[0].env[*].name', 'deploy/web', ...ns)).toBe('FIRST');
    expect(await field('.metadata.generation', 'deploy/web', ...ns)).toBe('2');
  });

  test('apply --server-side, its conflict and --force-conflicts', async () => {
    const ns = await namespace('server-side');
    const apply = ['apply', ...ns, '--server-side', '--field-manager=first', '-f', '-'];
    expect(await kubectl.run(apply, DEPLOYMENT)).toBe('deployment.apps/web serverside-applied\n');
    const other = ['apply', ...ns, '--server-side', '--field-manager=second', '-f', '-'];
    const changed = DEPLOYMENT.replace('replicas: 2', 'replicas: 5');
    const conflict = await kubectl.try(other, changed);
    expect(conflict.status).toBe(1);
    expect(conflict.stderr).toContain('Apply failed with 1 conflict: conflict with "first": .spec.replicas');
    await kubectl.run([...other.slice(0, -2), '--force-conflicts', '-f', '-'], changed);
    expect(await field('.spec.replicas', 'deploy/web', ...ns)).toBe('5');
    const managers = await field('.metadata.managedFields[*].manager', 'deploy/web', '--show-managed-fields', ...ns);
    expect(managers.split(' ').sort()).toEqual(['first', 'second']);
  });

  test('tables, wide, selectors, all namespaces, names, describe', async () => {
    const ns = await namespace('tables');
    await kubectl.run(['create', ...ns, '-f', '-'], DEPLOYMENT);
    expect(await kubectl.run(['get', 'deploy', ...ns])).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/2 +0 +0 +\ds\n$/,
    );
    expect(await kubectl.run(['get', 'deploy', '-o', 'wide', ...ns])).toMatch(/web,side +web:1,side:1 +app=web\n$/);
    expect(await kubectl.run(['get', 'deploy', '-l', 'app in (web,x)', '-o', 'name', ...ns])).toBe(
      'deployment.apps/web\n',
    );
    expect((await kubectl.try(['get', 'deploy', '-l', 'app!=web', ...ns])).stderr).toContain('No resources found');
    expect(await kubectl.run('get all -A')).toMatch(/^tables +deployment.apps\/web /m);
    expect(await kubectl.run(['describe', 'deploy', 'web', ...ns])).toMatch(/^Replicas: +2 desired \| 0 updated/m);
  });

  test('the patches, scale, annotate, label, edit, set image, rollout restart', async () => {
    const ns = await namespace('patched');
    await kubectl.run(['create', ...ns, '-f', '-'], DEPLOYMENT);
    const patch = (type: string, text: string): Promise<string> =>
      kubectl.run(['patch', 'deploy', 'web', `--type=${type}`, '-p', text, ...ns]);
    await patch('strategic', '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:2"}]}}}}');
    await patch('merge', '{"spec":{"minReadySeconds":3}}');
    await patch('json', '[{"op":"add","path":"/metadata/labels/x","value":"y"}]');
    await kubectl.run(['scale', 'deploy/web', '--replicas=7', ...ns]);
    await kubectl.run(['annotate', 'deploy/web', 'note=it is', ...ns]);
    await kubectl.run(['label', 'deploy/web', 'app-', ...ns]);
    await kubectl.run(['set', 'image', 'deploy/web', 'web=web:9', ...ns]);
    await kubectl.run(['edit', 'deploy/web', ...ns], '', {
      EDITOR: 'sed -i s/minReadySeconds:.3/minReadySeconds:\\ 4/',
    });
    const object = JSON.parse(await kubectl.run(['get', 'deploy/web', '-o', 'json', ...ns]));
    expect(object.spec.template.spec.containers.map((container: { image: string }) => container.image)).toEqual([
      'web:9',
      'side:2',
    ]);
    expect(object.spec).toMatchObject({ replicas: 7, minReadySeconds: 4 });
    expect(object.metadata.labels).toEqual({ x: 'y' });
    expect(object.metadata.annotations).toMatchObject({ note: 'it is' });
    await kubectl.run(['rollout', 'restart', 'deploy/web', ...ns]);
    expect(await field('.spec.template.metadata.annotations', 'deploy/web', ...ns)).toContain('restartedAt');
  });

  test('get -w shows a line for each change', async () => {
    const ns = await namespace('watched');
    await kubectl.run(['create', 'configmap', 'one', '--from-literal=a=b', ...ns]);
    const next: Record<string, () => Promise<unknown>> = {
      ADDED: () => kubectl.run(['label', 'cm/one', 'x=y', ...ns]),
      MODIFIED: () => kubectl.run(['delete', 'cm', 'one', ...ns]),
    };
    const seen: string[] = [];
    for await (const line of kubectl.follow(['get', 'cm', '-w', '--output-watch-events', ...ns])) {
      const event = line.split(/\s+/)[0] ?? '';
      seen.push(event);
      if (event === 'DELETED') break;
      await next[event]?.();
    }
    expect(seen).toEqual(['EVENT', 'ADDED', 'MODIFIED', 'DELETED']);
  });

  test('create without a file, replace, expose, auth can-i', async () => {
    const ns = await namespace('created');
    await kubectl.run(['create', 'secret', 'generic', 's', '--from-literal=password=p', ...ns]);
    expect(await field('.data.password', 'secret/s', ...ns)).toBe('cA==');
    await kubectl.run(['create', 'serviceaccount', 'robot', ...ns]);
    await kubectl.run(['create', 'deployment', 'typed', '--image=i:1', '--replicas=3', '--port=80', ...ns]);
    expect(await kubectl.run(['get', 'deploy', 'typed', '-o', 'wide', ...ns])).toMatch(/typed +0\/3 .*i:1 +app=typed/);
    await kubectl.run(['create', 'job', 'task', '--image=i', ...ns, '--', 'sleep', '3']);
    expect(await field('.spec.template.spec.containers[0].command[*]', 'job/task', ...ns)).toBe('sleep 3');
    await kubectl.run(['create', ...ns, '-f', '-'], DEPLOYMENT);
    await kubectl.run(['replace', ...ns, '-f', '-'], DEPLOYMENT.replace('replicas: 2', 'replicas: 3'));
    expect(await field('.spec.replicas', 'deploy/web', ...ns)).toBe('3');
    await kubectl.run(['expose', 'deploy/web', '--port=80', ...ns]);
    expect(await kubectl.run(['get', 'svc', 'web', ...ns])).toMatch(
      /web +ClusterIP +10\.96\.\d+\.\d+ +<none> +80\/TCP/,
    );
    expect(await kubectl.run('auth can-i delete deployments')).toBe('yes\n');
  });

  test('delete with each propagation policy; a namespace goes with all it holds', async () => {
    const ns = await namespace('deleted');
    const family = async (name: string): Promise<void> => {
      await kubectl.run(['create', ...ns, 'configmap', name]);
      const uid = await field('.metadata.uid', `cm/${name}`, ...ns);
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name, uid, blockOwnerDeletion: true };
      const metadata = { name: `${name}-child`, ownerReferences: [owner] };
      await kubectl.run(
        ['create', ...ns, '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata }),
      );
    };
    for (const policy of ['background', 'foreground', 'orphan']) {
      await family(policy);
      await kubectl.run(['delete', 'cm', policy, `--cascade=${policy}`, ...ns]);
    }
    await kubectl.run(['wait', '--for=delete', 'cm/background-child', '--timeout=5s', ...ns]);
    expect(await kubectl.run(['get', 'cm', '-o', 'name', ...ns])).toBe('configmap/orphan-child\n');
    expect(await field('.metadata.ownerReferences', 'cm/orphan-child', ...ns)).toBe('');
    await kubectl.run('delete namespace deleted');
    expect((await kubectl.try('get namespace deleted')).stderr).toContain('namespaces "deleted" not found');
  });

  test('explain reads the published schemas', async () => {
    const text = await kubectl.run('explain deployment.spec.strategy');
    expect(text).toMatch(/rollingUpdate\s+<RollingUpdateDeployment>/);
    expect(text).toContain('Can be "Recreate" or "RollingUpdate"');
  });

  test('mistakes are explained', async () => {
    const ns = await namespace('mistaken');
    const failure = async (text: string): Promise<string> =>
      (await kubectl.try(['create', ...ns, '-f', '-'], text)).stderr;
    expect(await failure(DEPLOYMENT.replace('replicas: 2', 'replicaz: 2'))).toContain('unknown field "spec.replicaz"');
    expect(await failure(DEPLOYMENT.replace('replicas: 2', 'replicas: two'))).toContain('spec.replicas');
    expect(
      await failure(DEPLOYMENT.replace('labels: { app: web }\n    spec', 'labels: { app: x }\n    spec')),
    ).toContain(
      'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
    );
    expect(await failure(DEPLOYMENT.replace('name: web\n', 'name: Web\n'))).toContain(
      'metadata.name: Invalid value: "Web"',
    );
    expect((await kubectl.try('create configmap x -n nowhere')).stderr).toContain('namespaces "nowhere" not found');
    await kubectl.run(['create', ...ns, '-f', '-'], DEPLOYMENT);
    const selector = [
      'patch',
      'deploy',
      'web',
      '--type=merge',
      '-p',
      '{"spec":{"selector":{"matchLabels":{"b":"c"}}}}',
    ];
    expect((await kubectl.try([...selector, ...ns])).stderr).toContain('field is immutable');
    const protobuf = await kubectl.try(['create', 'ingress', 'i', '--rule=a/b=c:80', ...ns]);
    expect(protobuf.stderr).toContain('does not read protobuf bodies of networking.k8s.io/v1/Ingress: send JSON');
  });
});
