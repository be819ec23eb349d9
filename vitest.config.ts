import { defineConfig } from 'vitest/config';
import { mutationPlugin } from './test/mutations/plugin.ts';

const project = (name: string, include: string[], extra: Record<string, unknown> = {}) => ({
  extends: true as const,
  test: { name, include, testTimeout: 20_000, hookTimeout: 30_000, ...extra },
});

export default defineConfig({
  plugins: [...mutationPlugin()],
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: process.env['VITEST_JSON'] ? ['default', 'json'] : ['default'],
    ...(process.env['VITEST_JSON'] ? { outputFile: { json: process.env['VITEST_JSON'] } } : {}),
    projects: [
      project('fast', ['test/{unit,property,golden,contract,scenario,mutations}/**/*.test.ts']),
      project('real', ['test/real/**/*.test.ts'], {
        testTimeout: 300_000,
        hookTimeout: 600_000,
        fileParallelism: false,
      }),
    ],
  },
});
