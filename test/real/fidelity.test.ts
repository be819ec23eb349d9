import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIDELITY_GROUPS } from '../support/fidelity/groups.ts';
import { play, prepare } from '../support/fidelity/play.ts';
import type { Exchange, FidelityServer } from '../support/fidelity/probe.ts';
import { plain, readTranscripts, writeTranscripts } from '../support/fidelity/transcripts.ts';
import { useBareControlPlane } from './support/bare-control-plane.ts';
import { lacking } from './support/machine.ts';

const missing = lacking('etcd', 'kubernetes');
const isRecording = process.env['UPDATE_GOLDEN'] !== undefined;

describe.skipIf(missing !== undefined)('a real API server answers as the fidelity cases say', () => {
  const controlPlane = useBareControlPlane();
  let server: FidelityServer;

  beforeAll(async () => {
    const { plane, transport } = controlPlane();
    server = { transport, compact: () => compact(plane.etcdUrl) };
    await prepare(server);
  });

  describe.each(FIDELITY_GROUPS)('$name', (group) => {
    const recorded: Record<string, readonly Exchange[]> = {};
    it.each(group.cases)('$name', async (one) => {
      const transcript = plain(await play(server, group, one));
      recorded[one.name] = transcript;
      const expected = isRecording ? transcript : readTranscripts(group.name)[one.name];
      expect(transcript).toEqual(expected);
    });
    afterAll(() => {
      if (isRecording) writeTranscripts(group.name, recorded);
    });
  });
});

/** By etcd's HTTP gateway. */
async function compact(etcdUrl: string): Promise<void> {
  const post = async (path: string, body: object): Promise<unknown> =>
    (await request(`${etcdUrl}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) })).body.json();
  const { header } = (await post('range', { key: 'AA==' })) as { header: { revision: string } };
  await post('compaction', { revision: header.revision, physical: true });
}
