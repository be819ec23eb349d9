import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConnection } from '../../../src/kube/kube-config.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

let directory: string;
let clock: VirtualClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'linnet-kubeconfig-'));
  clock = new VirtualClock();
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function file(name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

const config = (user: object, cluster: object = {}): string =>
  JSON.stringify({
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://example.test:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
  });

async function load(user: object, cluster?: object) {
  const kubeconfig = await file('config', config(user, cluster));
  return loadConnection(clock, { kubeconfig }, { env: {} });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('what a kubeconfig says', () => {
  test('server, namespace, proxy', async () => {
    const connection = await load({}, { 'proxy-url': 'http://proxy.test' });
    expect(connection).toMatchObject({
      server: 'https://example.test:6443',
      namespace: 'shop',
      proxyUrl: 'http://proxy.test',
    });
    expect(connection.origin).toBe(`context "main" of ${directory}/config`);
  });

  test.each([
    ['token', { token: 'abc' }, { authorization: 'Bearer abc' }],
    ['empty token, as kubectl config writes it', { token: '' }, {}],
    ['basic', { username: 'u', password: 'p' }, { authorization: `Basic ${base64('u:p')}` }],
    ['impersonation', { token: 'abc', as: 'alice' }, { authorization: 'Bearer abc', 'impersonate-user': 'alice' }],
    ['nobody', {}, {}],
  ])('%s', async (_, user, headers) => {
    expect((await (await load(user)).credentials.get()).headers).toEqual(headers);
  });

  test('certificates inline and in files beside the kubeconfig', async () => {
    await file('ca.pem', 'CA');
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
    const connection = await load(user, { 'certificate-authority': 'ca.pem', 'tls-server-name': 'kubernetes' });
    const { tls } = await connection.credentials.get();
    expect(tls).toEqual({
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
      servername: 'kubernetes',
    });
  });

  test('a server whose certificate must not be checked', async () => {
    const { tls } = await (await load({}, { 'insecure-skip-tls-verify': true })).credentials.get();
    expect(tls).toEqual({ rejectUnauthorized: false });
  });
});

describe('tokens that rotate', () => {
  test('a token file is read again after a minute, and at once when the server refuses', async () => {
    await file('token', 'one\n');
    const { credentials } = await load({ tokenFile: 'token' });
    const bearer = async (fresh = false) => (await credentials.get({ fresh })).headers['authorization'];
    expect(await bearer()).toBe('Bearer one');
    await file('token', 'two');
    await clock.advanceBy(59_999);
    expect(await bearer()).toBe('Bearer one');
    await clock.advanceBy(1);
    expect(await bearer()).toBe('Bearer two');
    await file('token', 'three');
    expect(await bearer(true)).toBe('Bearer three');
    expect(await bearer()).toBe('Bearer three');
  });

  test('a failure is not remembered', async () => {
    const { credentials } = await load({ tokenFile: 'token' });
    await expect(credentials.get()).rejects.toThrow(`cannot read ${directory}/token`);
    await file('token', 'late');
    expect((await credentials.get()).headers['authorization']).toBe('Bearer late');
  });

  test('an exec plugin is asked through client-node, and asked again when the server refuses', async () => {
    const counter = join(directory, 'count');
    const plugin = await file(
      'plugin',
      `#!/bin/sh
echo x >> ${counter}
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"exec-'$(wc -l < ${counter} | tr -d ' ')'"}}'
`,
    );
    await chmod(plugin, 0o700);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
    const { credentials } = await load({ exec });
    expect((await credentials.get()).headers).toEqual({ authorization: 'Bearer exec-1' });
    await clock.advanceBy(60_000);
    expect((await credentials.get()).headers).toEqual({ authorization: 'Bearer exec-1' });
    expect((await credentials.get({ fresh: true })).headers).toEqual({ authorization: 'Bearer exec-2' });
  });

  test('an exec plugin that fails names the user and not what it printed', async () => {
    const plugin = await file('plugin', '#!/bin/sh\necho secret >&2\nexit 1\n');
    await chmod(plugin, 0o700);
    const { credentials } = await load({ exec: { command: plugin } });
    await expect(credentials.get()).rejects.toThrow('the credential plugin of user "u" failed');
  });
});

describe('which configuration', () => {
  test('several files are one: the first to name something wins, and absent files do not matter', async () => {
    const first = await file(
      'first',
      JSON.stringify({ 'current-context': 'main', users: [{ name: 'u', user: { token: 'first' } }] }),
    );
    const second = await file('second', config({ token: 'second' }));
    const env = { KUBECONFIG: `${join(directory, 'absent')}:${first}:${second}` };
    const connection = await loadConnection(clock, {}, { env });
    expect((await connection.credentials.get()).headers).toEqual({ authorization: 'Bearer first' });
    expect(connection.server).toBe('https://example.test:6443');
  });

  test('~/.kube/config, and --context', async () => {
    await mkdir(join(directory, '.kube'));
    await file('.kube/config', config({}));
    const environment = { env: { HOME: directory } };
    expect((await loadConnection(clock, {}, environment)).server).toBe('https://example.test:6443');
    await expect(loadConnection(clock, { context: 'other' }, environment)).rejects.toThrow(
      `context "other" is not in kubeconfig ${directory}/.kube/config: it names main`,
    );
  });

  test('the service account of a pod, whose token rotates', async () => {
    await file('token', 'sa-token\n');
    await file('ca.crt', 'CA');
    await file('namespace', 'linnet\n');
    const env = { HOME: directory, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const connection = await loadConnection(clock, {}, { env, serviceAccountDirectory: directory });
    expect(connection).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'linnet' });
    expect(await connection.credentials.get()).toEqual({
      headers: { authorization: 'Bearer sa-token' },
      tls: { ca: Buffer.from('CA') },
    });
  });

  test('none at all', async () => {
    const nowhere = { env: { HOME: directory }, serviceAccountDirectory: directory };
    await expect(loadConnection(clock, {}, nowhere)).rejects.toThrow('no cluster is configured: give --kubeconfig');
  });
});

describe('malformed', () => {
  test.each([
    ['YAML', 'users: [\ntoken: super-secret', /is not valid YAML at line 2/],
    ['a text', 'hello', /is malformed: document: /],
    ['clusters that are no list', 'clusters: 3', /is malformed: clusters: /],
    [
      'a cluster without a server',
      'clusters: [{name: c, cluster: {}}]',
      /clusters\.0\.cluster\.server: must be an http/,
    ],
    [
      'a server that is no URL',
      'clusters: [{name: c, cluster: {server: "ftp://x"}}]',
      /clusters\.0\.cluster\.server: must be an http/,
    ],
    ['no context', 'kind: Config', /has no current-context: set one or give --context/],
    ['an empty file', '', /has no current-context/],
    ['a context that is not there', 'current-context: x', /context "x" is not in kubeconfig .*: it names none/],
    [
      'a cluster that is not there',
      '{current-context: x, contexts: [{name: x, context: {cluster: gone}}]}',
      /context "x": cluster "gone" is not in kubeconfig/,
    ],
  ])('%s is explained', async (_, content, message) => {
    const kubeconfig = await file('config', content);
    const failure = await loadConnection(clock, { kubeconfig }, { env: {} }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'kubeconfig', message: expect.stringMatching(message) });
    expect(String(failure)).toContain(kubeconfig);
    expect(String(failure)).not.toContain('super-secret');
  });

  test('a file that is not there', async () => {
    const kubeconfig = join(directory, 'none');
    await expect(loadConnection(clock, { kubeconfig }, { env: {} })).rejects.toThrow(
      `kubeconfig ${kubeconfig} cannot be read: ENOENT`,
    );
  });
});
