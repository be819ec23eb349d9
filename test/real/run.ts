/**
 * `npm run test:real`: builds the real components that are missing, then runs the tests of test/real inside of a network
 * namespace. What this machine cannot do is said in one line each, and its tests are counted as skipped.
 * Arguments go to Vitest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPONENTS, type ComponentName } from '../../src/sandbox/components/component.ts';
import { ComponentUnavailable, moduleFolder, programsOf } from '../../src/sandbox/components/component-cache.ts';
import { inNamespace, namespaceObstacle } from '../../src/sandbox/control-plane/network-namespace.ts';
import { fromLayer } from '../support/kubectl-layer.ts';
import { containerObstacle } from './support/containers.ts';
import { MACHINE_VARIABLE, type Machine } from './support/machine.ts';

const say = (text: string): void => void process.stderr.write(`real: ${text}\n`);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Needs a container engine instead of the namespace. */
const ON_CONTAINERS = 'test/real/k3s.test.ts';
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

async function lookAround(obstacle: string | undefined): Promise<Machine> {
  const programs: Record<string, string> = {};
  const missing: Partial<Record<ComponentName, string>> = {};
  if (obstacle !== undefined) say(`skipped: all tests on a control plane: ${obstacle}`);
  for (const name of Object.keys(COMPONENTS) as ComponentName[]) {
    if (obstacle !== undefined) {
      missing[name] = obstacle;
      continue;
    }
    try {
      Object.assign(programs, await programsOf(name, say));
      // Fetched now, since there is no network inside.
      if ('module' in COMPONENTS[name] && moduleFolder(name) === undefined) {
        say(`skipped: the tests with files of ${COMPONENTS[name].title}: its Go module cannot be fetched`);
      }
    } catch (error) {
      if (!(error instanceof ComponentUnavailable)) throw error;
      missing[name] = error.message;
      say(`skipped: all tests on ${COMPONENTS[name].title}: ${error.message}`);
    }
  }
  const helm = await fromLayer('helm');
  if ('missing' in helm) say(`skipped: the tests with Helm: ${helm.missing}`);
  const noContainers = await containerObstacle();
  if (noContainers !== undefined) say(`skipped: the tests on k3s: ${noContainers}`);
  return { programs, missing, containerObstacle: noContainers };
}

/**
 * A folder where Node keeps what it made of TypeScript: controllers and pods are started hundreds of times here, and start
 * in half the time with it. Those that are killed keep nothing, so each is started once before.
 */
function compileCache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-compile-cache-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_COMPILE_CACHE: folder, EXIT_CODE: '0' };
  for (const args of [['src/main.ts', '--version'], ['src/sandbox/pods/sample-app.ts']]) {
    spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: 'ignore' });
  }
  return folder;
}

const obstacle = namespaceObstacle();
const machine = await lookAround(obstacle);
const filters = process.argv.slice(2);
const env: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_COMPILE_CACHE: compileCache(),
  [MACHINE_VARIABLE]: JSON.stringify(machine),
};

/** Runs Vitest and gives its exit status. */
function vitest(args: readonly string[], environment: NodeJS.ProcessEnv, isInside: boolean): Promise<number> {
  const command = [process.execPath, VITEST, 'run', '--project', 'real', ...args];
  const [program = '', ...rest] = isInside ? inNamespace(command) : command;
  const child = spawn(program, rest, { stdio: 'inherit', env: environment });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to Vitest, too, and Vitest's end is ours.
  process.on('SIGINT', () => (process.stdin.isTTY ? undefined : child.kill('SIGINT')));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      say(error.message);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Ports of containers are outside of the namespace, and so are these tests; what they count is summed up with the rest. */
function vitestOnContainers(): Promise<number> {
  const counted = env['VITEST_JSON']?.replace(/\.json$/, '-containers.json');
  return vitest([ON_CONTAINERS], { ...env, ...(counted === undefined ? {} : { VITEST_JSON: counted }) }, false);
}

if (machine.containerObstacle !== undefined) {
  process.exitCode = await vitest(filters, env, obstacle === undefined);
} else {
  const status = await vitest(
    ['--passWithNoTests', '--exclude', ON_CONTAINERS, ...filters],
    env,
    obstacle === undefined,
  );
  const isAskedFor = filters.length === 0 || filters.some((filter) => ON_CONTAINERS.includes(filter));
  process.exitCode = (isAskedFor ? await vitestOnContainers() : 0) || status;
}
