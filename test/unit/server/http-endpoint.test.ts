import { afterEach, describe, expect, it } from 'vitest';
import { type HttpEndpoint, serveEndpoint, textAnswer } from '../../../src/server/http-endpoint.ts';

let endpoint: HttpEndpoint | undefined;
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

describe('serveEndpoint', () => {
  it('answers its routes, 404 elsewhere and 500 when a route throws', async () => {
    endpoint = await serveEndpoint('127.0.0.1', 0, {
      '/healthz': () => textAnswer(200, 'ok'),
      '/broken': () => {
        throw new Error('store is closed');
      },
    });
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${endpoint?.port}${path}`);
      return [response.status, await response.text()];
    };
    expect(await get('/healthz?verbose=1')).toEqual([200, 'ok\n']);
    expect(await get('/broken')).toEqual([500, 'store is closed\n']);
    expect(await get('/constructor')).toEqual([404, 'no such path: /constructor\n']);
  });

  it('says which port is in use', async () => {
    endpoint = await serveEndpoint('127.0.0.1', 0, {});
    await expect(serveEndpoint('127.0.0.1', endpoint.port, {})).rejects.toThrow(
      `cannot listen on 127.0.0.1:${endpoint.port}: the port is in use; choose another port`,
    );
  });
});
