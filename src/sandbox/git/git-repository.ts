import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const BRANCH = 'main';
/** Nobody's configuration counts: neither a signing key nor a hook of the user's has a part in this. */
const ISOLATED = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_TERMINAL_PROMPT: '0' };
const AUTHOR = ['-c', 'user.name=Linnet demo', '-c', 'user.email=demo@linnet.invalid'];

/** A Git repository of manifests on this machine. */
export class GitRepository {
  readonly folder: string;
  readonly #program: string;

  private constructor(folder: string, program: string) {
    this.folder = folder;
    this.#program = program;
  }

  static async create(folder: string, program: string): Promise<GitRepository> {
    await mkdir(folder, { recursive: true });
    const repository = new GitRepository(folder, program);
    await repository.#git('init', '--quiet', `--initial-branch=${BRANCH}`);
    return repository;
  }

  /** Writes files (path → text) and commits them; gives the commit. */
  async commit(message: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    await this.#git('add', '--all');
    await this.#git(...AUTHOR, 'commit', '--quiet', `--message=${message}`);
    return this.head();
  }

  /** `git revert` of the newest commit; gives the commit that it makes. */
  async revertHead(): Promise<string> {
    await this.#git(...AUTHOR, 'revert', '--no-edit', 'HEAD');
    return this.head();
  }

  async read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8');
  }

  /** The newest commit of the branch; undefined before the first. A file's read, so that it may be asked often. */
  async newest(): Promise<string | undefined> {
    const text = await readFile(join(this.folder, '.git', 'refs', 'heads', BRANCH), 'utf8').catch(() => undefined);
    return text?.trim();
  }

  async head(): Promise<string> {
    return (await this.#git('rev-parse', 'HEAD')).trim();
  }

  /** All YAML files of a commit, path → text, whatever the work tree holds. */
  async filesAt(commit: string): Promise<ReadonlyMap<string, string>> {
    const paths = (await this.#git('ls-tree', '-r', '--name-only', commit)).split('\n');
    const wanted = paths.filter((path) => /\.ya?ml$/.test(path));
    return new Map(
      await Promise.all(wanted.map(async (path) => [path, await this.#git('show', `${commit}:${path}`)] as const)),
    );
  }

  async #git(...args: readonly string[]): Promise<string> {
    const { stdout } = await execute(this.#program, [...args], {
      cwd: this.folder,
      env: { ...process.env, ...ISOLATED },
    });
    return stdout;
  }
}
