import { resolve } from 'node:path';
import type { Plugin } from 'vitest/config';
import { MUTATIONS } from './list.ts';
import { MUTATION_VARIABLE, mutated } from './mutation.ts';

/** Puts the bug that the environment names into the sources that tests import; no file changes. */
export function mutationPlugin(id = process.env[MUTATION_VARIABLE]): readonly Plugin[] {
  if (id === undefined) return [];
  const mutation = MUTATIONS.find((each) => each.id === id);
  if (mutation === undefined) throw new Error(`${MUTATION_VARIABLE}: there is no mutation "${id}"`);
  const file = resolve(import.meta.dirname, '../../src', mutation.file);
  return [
    {
      name: `mutation ${id}`,
      enforce: 'pre',
      // What has no bug in it comes from the cache that all runs share, which must never learn of the bug.
      api: { vitest: { ignoreFsModuleCache: true } },
      configureVitest: ({ defineCacheKeyGenerator }) => {
        defineCacheKeyGenerator(({ id: path }) => (path === file ? false : undefined));
      },
      transform: (source, path) => (path === file ? { code: mutated(source, mutation), map: null } : undefined),
    },
  ];
}
