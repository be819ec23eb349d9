import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UndiciTransport } from '../../src/kube/undici-transport.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { ApiServer } from '../../src/simulator/api-server.ts';
import { type HttpApiServer, serveHttp } from '../../src/simulator/http-server.ts';
import { FIDELITY_GROUPS } from '../support/fidelity/groups.ts';
import { play, prepare } from '../support/fidelity/play.ts';
import type { FidelityServer } from '../support/fidelity/probe.ts';
import { plain, readTranscripts } from '../support/fidelity/transcripts.ts';

// test/real/fidelity.test.ts asks a real kube-apiserver the same.
describe('the simulator answers as kube-apiserver does', () => {
  const api = new ApiServer({ clock: systemClock });
  let http: HttpApiServer;
  let server: FidelityServer;

  beforeAll(async () => {
    http = await serveHttp(api);
    const credentials = { get: async () => ({ headers: {}, tls: {} }) };
    const connection = { server: http.url, proxyUrl: undefined, credentials };
    const transport = new UndiciTransport({ connection, clock: systemClock, userAgent: 'linnet-sandbox' });
    const { storage } = api.context;
    server = { transport, compact: async () => storage.compact(storage.revision) };
    await prepare(server);
  });
  afterAll(async () => {
    await server.transport.close();
    await http.close();
  });

  describe.each(FIDELITY_GROUPS)('$name', (group) => {
    const expected = readTranscripts(group.name);
    it.each(group.cases)('$name', async (one) => {
      expect(plain(await play(server, group, one))).toEqual(expected[one.name]);
    });
    it('has a transcript for each case', () => {
      expect(Object.keys(expected)).toEqual(group.cases.map(({ name }) => name));
    });
  });
});
