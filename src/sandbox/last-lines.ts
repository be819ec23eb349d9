import { readFile } from 'node:fs/promises';

const LINES = 3;

/** The end of a log as one line, for the message of an error whose cause is in it: the file itself will be removed. */
export async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() === '' ? 'its log is empty' : `its log ends: ${text.trim().split('\n').slice(-LINES).join(' | ')}`;
}
