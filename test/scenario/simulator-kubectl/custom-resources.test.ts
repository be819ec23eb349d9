import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findKubectl, type Kubectl } from '../../support/kubectl.ts';
import { type KubectlServer, startKubectlServer, WIDGET, WIDGET_DEFINITION } from './kubectl-server.ts';

const found = await findKubectl();
if ('missing' in found) process.stdout.write(`skipped: ${found.missing}\n`);

describe.skipIf('missing' in found)('kubectl on custom resources', () => {
  let server: KubectlServer;
  let kubectl: Kubectl;

  beforeAll(async () => {
    server = await startKubectlServer('path' in found ? found.path : '');
    kubectl = server.kubectl;
    await kubectl.run('apply -f -', WIDGET_DEFINITION);
    await kubectl.run('wait --for=condition=Established crd/widgets.example.com --timeout=5s');
  });
  afterAll(() => server.close());

  const patch = (text: string, ...flags: readonly string[]): ReturnType<Kubectl['try']> =>
    kubectl.try(['patch', 'wd', 'first', '--type=merge', '-p', text, ...flags]);

  test('apply, defaults, columns, short name', async () => {
    expect(await kubectl.run('apply -f -', WIDGET)).toBe('widget.example.com/first created\n');
    expect(await kubectl.run('apply -f -', WIDGET)).toBe('widget.example.com/first unchanged\n');
    expect(await kubectl.run('apply --server-side -f -', WIDGET)).toContain('serverside-applied');
    expect(await kubectl.run('get wd')).toMatch(/^NAME +REPLICAS +READY\nfirst +1 *\n$/);
    expect(await kubectl.run('get wd -o wide')).toMatch(/^NAME +REPLICAS +READY +COLOR\nfirst +1 +red\n$/);
  });

  test('scale and status are subresources', async () => {
    await kubectl.run('scale wd/first --replicas=4');
    await patch(
      '{"spec":{"size":50},"status":{"replicas":3,"conditions":[{"type":"Ready","status":"True"}]}}',
      '--subresource=status',
    );
    await patch('{"status":{"replicas":99}}');
    const object = JSON.parse(await kubectl.run('get wd first -o json'));
    expect(object.spec).toEqual({ size: 3, color: 'red', replicas: 4 });
    expect(object.status.replicas).toBe(3);
    expect(await kubectl.run('get wd')).toMatch(/first +4 +True/);
    await kubectl.run(['wait', 'wd/first', '--for=jsonpath={.status.replicas}=3', '--timeout=5s']);
    await kubectl.run('wait wd/first --for=condition=Ready --timeout=5s');
  });

  test('schema, rules and unknown fields', async () => {
    expect((await patch('{"spec":{"size":0}}')).stderr).toContain('spec.size');
    expect((await patch('{"spec":{"color":"blue"}}')).stderr).toContain('supported values: "red", "green"');
    expect((await patch('{"spec":{"color":"green"}}')).stderr).toContain('color is immutable');
    const unknown = await patch('{"spec":{"shape":"round"}}');
    expect(unknown.status).toBe(0);
    expect(unknown.stderr).toContain('Warning: unknown field "spec.shape"');
    const strict = await kubectl.try('apply -f -', WIDGET.replace('size: 3', 'size: 3, shape: round'));
    expect(strict.stderr).toContain('strict decoding error: unknown field "spec.shape"');
  });

  test('explain and diff', async () => {
    expect(await kubectl.run('explain widget.spec.size')).toContain('How large it is.');
    const diff = await kubectl.try('diff -f -', WIDGET.replace('size: 3', 'size: 7'));
    expect(diff.stdout).toMatch(/^\+ +size: 7$/m);
  });

  test('deleting the definition deletes its resources', async () => {
    await kubectl.run('delete crd widgets.example.com');
    expect((await kubectl.try('get wd')).stderr).toMatch(/the server (doesn't have a resource|could not find)/);
  });
});
