/** `npm run check`: everything that can be said about the source without running it. Stops at nothing, reports all. */
import { spawnSync } from 'node:child_process';

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly remedy: string;
  /** What the output has to say besides the exit status: a check that looked at nothing is green, too. */
  readonly expects?: RegExp;
}

const checks: readonly Check[] = [
  { name: 'format', command: ['biome', 'check', '--error-on-warnings', '.'], remedy: 'npm run format' },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'], remedy: 'fix the type errors above' },
  {
    name: 'lint',
    command: ['oxlint', '--type-aware', '--deny-warnings', 'src', 'test', 'scripts'],
    remedy: 'fix the findings above; `oxlint --fix` mends some',
  },
  {
    name: 'layers',
    command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'src'],
    remedy: 'ARCHITECTURE.md says what may import what',
    expects: /\b[1-9]\d{2,} modules/,
  },
  { name: 'dead code', command: ['knip'], remedy: 'remove what nothing uses' },
  { name: 'generated files', command: ['node', 'scripts/gen.ts', '--check'], remedy: 'npm run gen' },
];

const failed = checks.filter(({ name, command: [program, ...args], remedy, expects = /^/ }) => {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status === 0 && expects.test(stdout)) {
    console.log(`ok    ${name} (${seconds} s)`);
    return false;
  }
  console.log(`${stdout}${stderr}FAIL  ${name} (${seconds} s): ${remedy}`);
  return true;
});
console.log(`${checks.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
