import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import type { Exchange } from './probe.ts';

export type Transcripts = Readonly<Record<string, readonly Exchange[]>>;

/** What the real API server answered in each case of a group. */
export function readTranscripts(group: string): Transcripts {
  return parse(readFileSync(fileOf(group), 'utf8')) as Transcripts;
}

export function writeTranscripts(group: string, transcripts: Transcripts): void {
  const title = `# What kube-apiserver answers. UPDATE_GOLDEN=1 npm run test:real -- test/real/fidelity.test.ts writes this file.\n`;
  writeFileSync(fileOf(group), title + stringify(plain(transcripts), { lineWidth: 120, aliasDuplicateObjects: false }));
}

/** Without undefined members and shared nodes. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function fileOf(group: string): string {
  return fileURLToPath(new URL(`transcripts/${group}.yaml`, import.meta.url));
}
