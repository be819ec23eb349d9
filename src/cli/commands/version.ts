import { VERSION } from '../../config/version.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

export interface VersionOptions {
  readonly short?: boolean;
  readonly output?: string;
}

/** Says which plugin this is; asks no cluster. */
export async function version({ host }: CommandContext, { short, output }: VersionOptions): Promise<ExitCode> {
  const facts = { version: VERSION, nodeVersion: process.version, platform: `${process.platform}/${process.arch}` };
  host.stdout.write(short === true ? `${VERSION}\n` : await formatVersion(facts, output));
  return EXIT.ok;
}

async function formatVersion(facts: Readonly<Record<string, string>>, output: string | undefined): Promise<string> {
  switch (output) {
    case undefined:
      return `kubectl-linnet: ${facts['version']}\n  Node: ${facts['nodeVersion']}\n  Platform: ${facts['platform']}\n`;
    case 'json':
      return `${JSON.stringify(facts, null, 2)}\n`;
    case 'yaml': {
      const { stringify } = await import('yaml');
      return stringify(facts);
    }
    default:
      throw new CliError(`unknown output format "${output}"`, { hint: 'use -o json|yaml' });
  }
}
