import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UndiciTransport } from '../../src/kube/undici-transport.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { ApiServer } from '../../src/simulator/api-server.ts';
import { type HttpApiServer, serveHttp } from '../../src/simulator/http-server.ts';
import type { FidelityCase } from '../support/fidelity/fidelity-case.ts';
import { FIDELITY_GROUPS } from '../support/fidelity/groups.ts';
import { play, prepare } from '../support/fidelity/play.ts';
import type { FidelityServer } from '../support/fidelity/probe.ts';
import { plain, readTranscripts } from '../support/fidelity/transcripts.ts';

/** Where the simulator still answers otherwise. */
const OPEN: readonly string[] = [
  'create: a field that occurs twice',
  'create: a wrong type in a built-in kind',
  'update: what is missing, named otherwise or elsewhere',
  'update: immutable fields stay',
  'apply: with a resourceVersion',
  'subresources: a status of a built-in kind',
  'delete: finalizers hold an object, and the last one to go lets it go',
  'delete: finalizers need qualified names',
  'garbage: owner references are checked',
  'watch: old style: the path says watch',
  'list: a list and its items',
  'custom: a definition is accepted, served and established',
  'custom: a definition that cannot be served is refused',
  'table: columns of a custom resource',
  'table: what a row carries',
  'table: built-in kinds',
  'table: a representation that does not exist',
  'defaults: ReplicaSet with a busy container, volumes and an init container',
  'defaults: images decide how they are pulled',
  'defaults: Pod',
  'defaults: Service',
  'defaults: Job, HorizontalPodAutoscaler, PodDisruptionBudget, EndpointSlice',
  'defaults: Secret and ServiceAccount',
  'defaults: an explicit null is a field left out',
  'validation: names',
  'validation: labels and annotations',
  'validation: ReplicaSet and Deployment',
  'validation: ConfigMap and Secret keys',
  'validation: Service',
  'validation: Ingress',
  'events-leases: an Event, and its count going up',
  'events-leases: what an Event must say',
  'events-leases: with a time in microseconds and a series, as newer recorders write',
  'events-leases: a Lease is checked',
  'protocol: a body, or an object, that is too large',
  'protocol: discovery of a custom resource',
];

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
    const isOpen = ({ name }: FidelityCase): boolean => OPEN.includes(`${group.name}: ${name}`);
    const expectSame = async (one: FidelityCase): Promise<void> => {
      expect(plain(await play(server, group, one))).toEqual(expected[one.name]);
    };
    it.each(group.cases.filter((one) => !isOpen(one)))('$name', (one) => expectSame(one));
    it.fails.each(group.cases.filter(isOpen))('$name', (one) => expectSame(one));
    it('has a transcript for each case', () => {
      expect(Object.keys(expected)).toEqual(group.cases.map(({ name }) => name));
    });
  });
});
