import type { KubeTransport } from '../../../src/kube/transport.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { CUSTOM_RESOURCES, DEFINITIONS } from './custom-resources.ts';
import type { FidelityCase, FidelityGroup } from './fidelity-case.ts';
import { type Exchange, type FidelityServer, Probe } from './probe.ts';

const POLL_MS = 50;
const JSON_BODY = { 'content-type': 'application/json' };

/** Puts on a server what the cases expect to find. */
export async function prepare({ transport }: FidelityServer): Promise<void> {
  for (const definition of CUSTOM_RESOURCES) {
    const { group, names } = definition.spec;
    await mustSend(transport, DEFINITIONS, definition);
    // A definition is established before every part of the server knows of it.
    while (!(await isServed(transport, `/apis/${group}/v1/${names.plural}`))) await systemClock.sleep(POLL_MS);
  }
}

/** Plays a case in a namespace of its own. */
export async function play(
  server: FidelityServer,
  group: FidelityGroup,
  one: FidelityCase,
): Promise<readonly Exchange[]> {
  const namespace = `${group.name}-${group.cases.indexOf(one) + 1}-of-fidelity`;
  await mustSend(server.transport, '/api/v1/namespaces', { metadata: { name: namespace } });
  const probe = new Probe(server, namespace);
  try {
    await one.play(probe);
  } finally {
    probe.close();
  }
  return probe.transcript;
}

async function isServed(transport: KubeTransport, path: string): Promise<boolean> {
  return (await transport.request({ method: 'GET', path })).status === 200;
}

async function mustSend(transport: KubeTransport, path: string, body: object): Promise<void> {
  const answer = await transport.request({ method: 'POST', path, headers: JSON_BODY, body: JSON.stringify(body) });
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.body}`);
}
