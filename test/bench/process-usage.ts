import { readFileSync } from 'node:fs';

/** Fields 14 and 15 of /proc/PID/stat, counted from the third; a tick is 10 ms on every Linux that Node runs on. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const MS_PER_TICK = 10;
const KIBIBYTE = 1024;
const MEGABYTE = 1e6;

/** CPU time of a process so far, in milliseconds. */
export function cpuMsOf(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * MS_PER_TICK;
}

/** Resident memory of a process in MB (10⁶ bytes): now, and at its highest. */
export function memoryOf(pid: number | undefined): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return (Number(kibibytes) * KIBIBYTE) / MEGABYTE;
  };
  return { now: read('VmRSS'), peak: read('VmHWM') };
}
