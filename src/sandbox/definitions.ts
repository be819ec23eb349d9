import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Condition, KubeObject } from '../api/core-types.ts';
import { nameOf } from '../api/object-name.ts';
import type { KubeClient } from '../kube/client.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../kube/resources.ts';
import { systemClock } from '../runtime/system-clock.ts';

const CRDS = fileURLToPath(new URL('../../crds/', import.meta.url));
const POLL_MS = 20;

/** Creates the CRDs of `crds/`. Resolves when the API server serves their kinds. */
export async function installDefinitions(client: KubeClient): Promise<void> {
  const files = (await readdir(CRDS)).filter((file) => file.endsWith('.yaml'));
  await Promise.all(
    files.map(async (file) => {
      const definition = parse(await readFile(join(CRDS, file), 'utf8')) as KubeObject;
      await client.create(CUSTOM_RESOURCE_DEFINITIONS, definition);
      await established(client, nameOf(definition));
    }),
  );
}

/** A new kind is served a moment after its definition was stored. */
async function established(client: KubeClient, name: string): Promise<void> {
  for (;;) {
    const { status } = await client.get<Definition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
    if (status?.conditions?.some(({ type, status: word }) => type === 'Established' && word === 'True')) return;
    await systemClock.sleep(POLL_MS);
  }
}

interface Definition extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] };
}
