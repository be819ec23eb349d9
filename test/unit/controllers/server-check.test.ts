import { expect, it } from 'vitest';
import { serverProblem } from '../../../src/controllers/server-check.ts';
import type { KubeTransport } from '../../../src/kube/transport.ts';

function answering(status: number, body: string): KubeTransport {
  return {
    request: () => Promise.resolve({ status, headers: {}, body }),
    stream: () => Promise.reject(new Error('no streams')),
    close: () => Promise.resolve(),
  };
}

const version = (minor: string) => JSON.stringify({ major: '1', minor, gitVersion: `v1.${minor}.3` });

it.each(['22', '24+', '36'])('Kubernetes 1.%s will do', async (minor) => {
  expect(await serverProblem(answering(200, version(minor)))).toBeUndefined();
});

it.each(['21', '19+'])('Kubernetes 1.%s is refused, with the remedy', async (minor) => {
  expect(await serverProblem(answering(200, version(minor)))).toBe(
    `the API server is Kubernetes v1.${minor}.3, which lacks APIs that Linnet calls; upgrade the cluster to 1.22 or later`,
  );
});

it.each([
  [403, version('19')],
  [200, 'a page'],
  [200, '{}'],
])('goes on when the server does not say: %i %s', async (status, body) => {
  expect(await serverProblem(answering(status, body))).toBeUndefined();
});
