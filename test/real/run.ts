/**
 * `npm run test:real`: builds the real components that are missing, then runs the tests of test/real inside of a network
 * namespace. What this machine cannot do is said in one line each, and its tests are counted as skipped.
 * Arguments go to Vitest.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPONENTS, type ComponentName } from '../../src/sandbox/components/component.ts';
import { ComponentUnavailable, moduleFolder, programsOf } from '../../src/sandbox/components/component-cache.ts';
import { namespaceObstacle } from '../../src/sandbox/control-plane/network-namespace.ts';
import { fromLayer } from '../support/kubectl-layer.ts';
import { containerObstacle } from './support/containers.ts';
import { MACHINE_VARIABLE, type Machine } from './support/machine.ts';
import { VitestRunner } from './support/vitest-runner.ts';

const say = (text: string): void => void process.stderr.write(`real: ${text}\n`);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Needs a container engine instead of the namespace: ports of containers are outside. */
const ON_CONTAINERS = 'test/real/k3s.test.ts';
const LANES = 2;
/** They take minutes each; begun first, they do not hold up the end. */
const LONG = new Set(['seed-release', 'faults', 'flux', 'take-over'].map((name) => `test/real/${name}.test.ts`));

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
const env: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_COMPILE_CACHE: compileCache(),
  [MACHINE_VARIABLE]: JSON.stringify(machine),
};
const runner = new VitestRunner(env, obstacle === undefined);
const filters = process.argv.slice(2);
const hasContainers = machine.containerObstacle === undefined;

/** What was asked for, at once and as it comes. */
async function runChosen(): Promise<void> {
  if (!hasContainers) return runner.run({ args: filters });
  await runner.run({ args: ['--passWithNoTests', '--exclude', ON_CONTAINERS, ...filters] });
  if (filters.some((filter) => ON_CONTAINERS.includes(filter)))
    await runner.run({ args: [ON_CONTAINERS], outside: true });
}

/** A file at a time in each lane: they wait more than they work, and each has a namespace and a control plane of its own. */
async function runAll(): Promise<void> {
  const waiting = readdirSync(HERE)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/real/${name}`)
    .toSorted((a, b) => Number(LONG.has(b)) - Number(LONG.has(a)));
  const lane = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      say(`${file} …`);
      await runner.run({ args: [file], outside: hasContainers && file === ON_CONTAINERS, title: file });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

await (filters.length === 0 ? runAll() : runChosen());
runner.writeCounts();
process.exitCode = runner.failed ? 1 : 0;
