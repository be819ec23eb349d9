import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ProcessGroup } from '../../../src/sandbox/process-group.ts';

const FIXTURE = fileURLToPath(new URL('parent-fixture.ts', import.meta.url));

/** A zombie has ended, whether or not this machine's init has looked at it yet. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function startParent(ending: string): Promise<{ parent: ChildProcessWithoutNullStreams; child: number }> {
  const parent = spawn(process.execPath, [FIXTURE, ending]);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, child: Number(String(line)) };
}

async function endOf(parent: ChildProcessWithoutNullStreams): Promise<number | null> {
  const [code] = (await once(parent, 'exit')) as [number | null];
  return code;
}

describe('ProcessGroup', () => {
  it('walks the way down in reverse, whatever one step does, and kills what is left', async () => {
    const group = new ProcessGroup();
    const walked: string[] = [];
    group.defer(async () => void walked.push('first'));
    group.defer(() => Promise.reject(new Error('no')));
    group.defer(async () => void walked.push('last'));
    const child = group.start(['sleep', '60']);
    await Promise.all([group.close(), group.close()]);
    expect(walked).toEqual(['last', 'first']);
    expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('asks before it kills', async () => {
    const group = new ProcessGroup();
    const script = 'trap "exit 5" TERM; echo listening; while :; do sleep 0.02; done';
    const polite = group.start(['sh', '-c', script], { output: 'pipe' });
    await once(polite.stdout!, 'data');
    expect(await polite.stop()).toEqual({ code: 5, signal: null });
    await group.close();
  });

  it('takes a program that does not exist for one that ended', async () => {
    const group = new ProcessGroup();
    const child = group.start(['linnet-no-such-program']);
    expect((await child.ended).code).toBe(127);
    await group.close();
  });
});

describe('runToEnd', () => {
  it.each([
    ['return', undefined, 7],
    ['throw', undefined, 1],
    ['uncaught', undefined, 1],
    ['wait', 'SIGTERM', 143],
    ['wait', 'SIGINT', 130],
  ] as const)('leaves nothing behind: %s %s', async (ending, signal, status) => {
    const { parent, child } = await startParent(ending);
    const end = endOf(parent);
    if (signal !== undefined) parent.kill(signal);
    expect(await end).toBe(status);
    expect(isRunning(child)).toBe(false);
  });

  it.runIf(existsSync('/usr/bin/setpriv'))('has the kernel end children when it is killed itself', async () => {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', orphanScript()]);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(String(line));
    parent.kill('SIGKILL');
    await endOf(parent);
    await expect.poll(() => isRunning(child)).toBe(false);
  });
});

/** A parent whose child obeys SIGTERM and says its process id itself, so that it surely runs. */
function orphanScript(): string {
  const module = new URL('../../../src/sandbox/process-group.ts', import.meta.url);
  return `import { ProcessGroup } from ${JSON.stringify(module.href)};
    const child = new ProcessGroup().start(['sh', '-c', 'echo $$; exec sleep 60'], { output: 'pipe' });
    child.stdout.pipe(process.stdout);`;
}
