import { readFileSync } from 'node:fs';

/**
 * Process ids of the workers of an nginx master that accept connections. A worker sets its title to "worker process is
 * shutting down" before it closes its listening sockets. (Linux: read from /proc.)
 */
export function acceptingWorkers(master: number): readonly number[] {
  return read(`/proc/${master}/task/${master}/children`)
    .split(' ')
    .filter((pid) => pid !== '' && accepts(read(`/proc/${pid}/cmdline`)))
    .map(Number);
}

function accepts(title: string): boolean {
  return title.includes('worker process') && !title.includes('shutting down');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process ended in this moment.
    return '';
  }
}
