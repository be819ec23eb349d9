import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { COMPONENTS, type Component, type ComponentName, type GoProgram } from './component.ts';

/** Programs by name, each an absolute path. */
export type Programs = Readonly<Record<string, string>>;

/** A component cannot be had on this machine. The message is one plain line that says what is missing. */
export class ComponentUnavailable extends Error {
  override readonly name = 'ComponentUnavailable';
  readonly code = 'component-unavailable' as const;
}

const MODULES = fileURLToPath(new URL('../../../test/real/components/', import.meta.url));
/** The modules say `go 1.26`. */
const GO_MINOR = 26;
/** How often a long build says how far it is. */
const PROGRESS_MS = 15_000;
const LAST_ERRORS = 20;
/** A module proxy that fails once in a thousand downloads must not fail a machine's first run. */
const BUILD_ATTEMPTS = 3;
/** The committed go.sum pins every module, so no checksum database is asked. */
const GO_ENVIRONMENT = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOSUMDB: 'off', GOFLAGS: '' };

/**
 * The programs of a component: those that `TEST_ASSET_<NAME>` or a folder `KUBEBUILDER_ASSETS` name, else those of the
 * cache, else built now from the pinned module. The cache lies outside of the clone (`$XDG_CACHE_HOME/linnet`), keyed by
 * the Go toolchain and the module's content, so that a change of either builds anew and a second clone builds nothing.
 *
 * @throws ComponentUnavailable when the machine has not what it takes to build it, Error when the build itself fails
 */
export async function programsOf(name: ComponentName, onProgress: (text: string) => void): Promise<Programs> {
  const component: Component = COMPONENTS[name];
  const given = givenPrograms(component);
  if (given !== undefined) return given;
  const go = toolchain(component);
  const folder = join(cacheFolder(), `${name}-${keyOf(component, go)}`);
  if (!existsSync(folder)) await build(component, folder, onProgress);
  return Object.fromEntries(Object.keys(component.programs).map((program) => [program, join(folder, program)]));
}

/**
 * Where Go keeps the source of a component's own module, which it fetches when it is not there: a cache of programs may
 * have come without it. Undefined when it cannot be had.
 */
export function moduleFolder(name: ComponentName): string | undefined {
  const { module = '' }: Component = COMPONENTS[name];
  const options = { cwd: join(MODULES, name), env: GO_ENVIRONMENT, encoding: 'utf8' } as const;
  const { status, stdout } = spawnSync('go', ['mod', 'download', '-json', module], options);
  return status === 0 ? (JSON.parse(stdout) as { readonly Dir?: string }).Dir : undefined;
}

/** All or nothing: programs of two versions must not meet. */
function givenPrograms({ programs }: Component): Programs | undefined {
  const found = Object.entries<GoProgram>(programs).map(([program, { environment }]) => {
    const folder = process.env['KUBEBUILDER_ASSETS'];
    const path = process.env[environment] ?? (folder === undefined ? undefined : join(folder, program));
    return [program, path !== undefined && isExecutable(path) ? path : undefined] as const;
  });
  return found.every(([, path]) => path !== undefined) ? (Object.fromEntries(found) as Programs) : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function toolchain({ title }: Component): string {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { encoding: 'utf8' });
  const text = status === 0 ? stdout.trim().split('\n').join(' ') : '';
  const [, minor = ''] = /^go1\.(\d+)/.exec(text) ?? [];
  if (Number(minor) >= GO_MINOR) return text;
  const found = text === '' ? 'Go is not installed' : `this machine has ${text.split(' ')[0]}`;
  throw new ComponentUnavailable(`${title} needs Go 1.${GO_MINOR} or newer to be built, and ${found}`);
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'linnet', 'components');
}

function keyOf(component: Component, go: string): string {
  // Where its source can be read changes nothing of what is built.
  const hash = createHash('sha256')
    .update(go)
    .update(JSON.stringify({ ...component, module: undefined }));
  const folder = join(MODULES, component.name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map(({ parentPath, name }) => join(parentPath, name)).toSorted()) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function build(component: Component, folder: string, onProgress: (text: string) => void): Promise<void> {
  const { name, title, programs, linkerFlags = [], minutes } = component;
  const duration = minutes === 1 ? 'less than a minute' : `about ${minutes} minutes`;
  onProgress(`building ${title} from source, ${duration} the first time …`);
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    for (const [program, { package: path }] of Object.entries(programs)) {
      const flags = [
        '-mod=readonly',
        '-buildvcs=false',
        '-trimpath',
        '-v',
        '-ldflags',
        ['-s -w', ...linkerFlags].join(' '),
      ];
      await goBuild({
        title: program,
        module: join(MODULES, name),
        args: ['build', ...flags, '-o', join(partial, program), path],
        onProgress,
      });
    }
    // In one step, so that nobody ever sees half a component.
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

interface GoBuild {
  readonly title: string;
  readonly module: string;
  readonly args: readonly string[];
  readonly onProgress: (text: string) => void;
}

/** What was fetched and compiled by an attempt that failed is there for the next one. */
async function goBuild(build: GoBuild): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await compile(build);
    } catch (error) {
      if (attempt === BUILD_ATTEMPTS) throw error;
      build.onProgress(`${String(error)}; trying again …`);
    }
  }
}

/** Runs the compiler, which names each package on a line of its own as it goes. */
async function compile({ title, module, args, onProgress }: GoBuild): Promise<void> {
  const child = spawn('go', args, { cwd: module, env: GO_ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = Promise.withResolvers<number>();
  child.once('error', () => ended.resolve(1));
  child.once('close', (code) => ended.resolve(code ?? 1));
  const last: string[] = [];
  let packages = 0;
  const began = performance.now();
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1000);
    onProgress(`${title}: ${packages} packages compiled in ${seconds} s …`);
  }, PROGRESS_MS);
  try {
    for await (const line of createInterface({ input: child.stderr })) {
      packages += 1;
      last.push(line);
      if (last.length > LAST_ERRORS) last.shift();
    }
    if ((await ended.promise) !== 0) throw new Error(`${title} could not be built: ${last.join(' | ')}`);
  } finally {
    clearInterval(progress);
  }
}
