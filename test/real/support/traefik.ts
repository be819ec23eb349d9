import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { freePort } from '../../../src/sandbox/free-port.ts';
import { lastLines } from '../../../src/sandbox/last-lines.ts';
import type { ProcessGroup } from '../../../src/sandbox/process-group.ts';
import { program } from './machine.ts';

export interface TraefikOptions {
  readonly processes: ProcessGroup;
  readonly kubeconfig: string;
  readonly folder: string;
  /** Address to listen on. */
  readonly host: string;
}

const START_LIMIT_MS = 30_000;
const POLL_MS = 100;

/**
 * Starts Traefik, which reads Ingresses and the annotations of ingress-nginx by itself and finds pods by EndpointSlices.
 * It acts on a change within two seconds. Resolves to its base URL when it is up.
 */
export async function startTraefik({ processes, kubeconfig, folder, host }: TraefikOptions): Promise<string> {
  const [web, admin] = [await freePort(host), await freePort('127.0.0.1')];
  const logFile = join(folder, 'traefik.log');
  const output = openSync(logFile, 'a');
  const flags = [
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
    `--entrypoints.web.address=${host}:${web}`,
    `--entrypoints.traefik.address=127.0.0.1:${admin}`,
    '--ping=true',
    '--providers.kubernetesingressnginx=true',
    '--log.level=INFO',
  ];
  processes.start([program('traefik'), ...flags], { output, env: { KUBECONFIG: kubeconfig } });
  closeSync(output);
  const deadline = systemClock.monotonic() + START_LIMIT_MS;
  while (!(await answers(`http://127.0.0.1:${admin}/ping`))) {
    if (systemClock.monotonic() > deadline) throw new Error(`Traefik did not start; ${await lastLines(logFile)}`);
    await systemClock.sleep(POLL_MS);
  }
  return `http://${host}:${web}`;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
