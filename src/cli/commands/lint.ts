import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { checkManifest } from '../lint/check-manifest.ts';
import { checkReferences } from '../lint/check-references.ts';
import { type Finding, formatFinding } from '../lint/finding.ts';
import { parseSource } from '../lint/source-document.ts';

const STDIN = '-';
const MANIFEST_FILE = /\.(?:ya?ml|json)$/i;

/** Finds all that is wrong with manifests, without a cluster. */
export async function lint(
  { host }: CommandContext,
  files: readonly string[],
  output: string | undefined,
): Promise<ExitCode> {
  if (output !== undefined && output !== 'json') {
    throw new CliError(`unknown output format "${output}"`, { hint: 'use -o json' });
  }
  const texts = await readAll(host, files);
  const { findings, objects } = lintTexts(texts);
  if (output === 'json') {
    host.stdout.write(`${JSON.stringify(findings.map(forPrograms), null, 2)}\n`);
  } else {
    host.stdout.write(findings.map(formatFinding).join(''));
    host.stderr.write(`${summary(objects, findings.length)}\n`);
  }
  return findings.length > 0 ? EXIT.failed : EXIT.ok;
}

/** A file and what it holds. */
export interface LintText {
  readonly file: string;
  readonly text: string;
}

/** Pure: what `lint` finds, in the order of the input. References count across all texts. */
export function lintTexts(texts: readonly LintText[]): {
  readonly findings: readonly Finding[];
  readonly objects: number;
} {
  const sources = texts.map(({ file, text }) => parseSource(file, text));
  const syntax = sources.flatMap(({ syntaxErrors }) =>
    syntaxErrors.map(({ place, message }): Finding => ({ place, object: '', field: '', reason: message })),
  );
  const checks = sources.flatMap(({ documents }) => documents.map(checkManifest));
  const sound = checks.flatMap((check) => (check.sound === undefined ? [] : [check.sound]));
  const findings = [...syntax, ...checks.flatMap((check) => check.findings), ...checkReferences(sound)];
  const order = new Map(texts.map(({ file }, index) => [file, index]));
  return {
    objects: checks.length,
    findings: findings.sort(
      ({ place: one }, { place: other }) =>
        (order.get(one.file) ?? 0) - (order.get(other.file) ?? 0) || one.line - other.line || one.column - other.column,
    ),
  };
}

async function readAll(host: Host, files: readonly string[]): Promise<readonly LintText[]> {
  const lists = await Promise.all(files.map((file) => readOne(host, file)));
  return lists.flat();
}

async function readOne(host: Host, file: string): Promise<readonly LintText[]> {
  if (file === STDIN) return [{ file: 'stdin', text: await host.readStdin() }];
  try {
    if (!(await stat(file)).isDirectory()) return [{ file, text: await readFile(file, 'utf8') }];
    const names = (await readdir(file)).filter((name) => MANIFEST_FILE.test(name)).sort();
    if (names.length === 0) throw new CliError(`${file} holds no .yaml, .yml or .json file`);
    return await Promise.all(
      names.map(async (name) => ({ file: join(file, name), text: await readFile(join(file, name), 'utf8') })),
    );
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function forPrograms({ place, ...rest }: Finding): object {
  return { ...place, ...rest };
}

function summary(objects: number, problems: number): string {
  const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return `${count(objects, 'object')} checked: ${problems === 0 ? 'no problems' : count(problems, 'problem')}`;
}
