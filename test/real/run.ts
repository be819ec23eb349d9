/**
 * `npm run test:real`: builds the real components that are missing, then runs the tests of test/real inside of a network
 * namespace. What this machine cannot do is said in one line each, and its tests are counted as skipped.
 * Arguments go to Vitest.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMPONENTS, type ComponentName } from '../../src/sandbox/components/component.ts';
import { ComponentUnavailable, programsOf } from '../../src/sandbox/components/component-cache.ts';
import { inNamespace, namespaceObstacle } from '../../src/sandbox/control-plane/network-namespace.ts';
import { fromLayer } from '../support/kubectl-layer.ts';
import { MACHINE_VARIABLE, type Machine } from './support/machine.ts';

const say = (text: string): void => void process.stderr.write(`real: ${text}\n`);
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

async function lookAround(): Promise<Machine> {
  const programs: Record<string, string> = {};
  const missing: Partial<Record<ComponentName, string>> = {};
  const obstacle = namespaceObstacle();
  if (obstacle !== undefined) say(`skipped: all tests on a control plane: ${obstacle}`);
  for (const name of Object.keys(COMPONENTS) as ComponentName[]) {
    if (obstacle !== undefined) {
      missing[name] = obstacle;
      continue;
    }
    try {
      Object.assign(programs, await programsOf(name, say));
    } catch (error) {
      if (!(error instanceof ComponentUnavailable)) throw error;
      missing[name] = error.message;
      say(`skipped: all tests on ${COMPONENTS[name].title}: ${error.message}`);
    }
  }
  const helm = await fromLayer('helm');
  if ('missing' in helm) say(`skipped: the tests with Helm: ${helm.missing}`);
  return { programs, missing };
}

const machine = await lookAround();
const vitest = [process.execPath, VITEST, 'run', '--project', 'real', ...process.argv.slice(2)];
const [program = '', ...args] = Object.keys(machine.missing).length === 0 ? inNamespace(vitest) : vitest;
const child = spawn(program, args, {
  stdio: 'inherit',
  env: { ...process.env, [MACHINE_VARIABLE]: JSON.stringify(machine) },
});
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
// A terminal sends Ctrl-C to Vitest, too, and Vitest's end is ours.
process.on('SIGINT', () => (process.stdin.isTTY ? undefined : child.kill('SIGINT')));
child.on('error', (error) => {
  say(error.message);
  process.exitCode = 1;
});
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
