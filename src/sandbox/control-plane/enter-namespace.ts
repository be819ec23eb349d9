import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayPorts, openGateway } from './gateway.ts';
import { inNamespace, namespaceObstacle } from './network-namespace.ts';
import { controlPlanePrograms } from './real-api.ts';

/** How what runs inside can be reached from outside. */
export interface Gateway {
  readonly folder: string;
  readonly ports: GatewayPorts;
}

const GATEWAY_VARIABLE = 'LINNET_GATEWAY';
/** What people look at from another terminal. */
const NAMES = ['api', 'nginx', 'prometheus'];

/**
 * Runs this same program again inside of a network namespace and ends with its exit status. What a real control plane
 * needs is built before, since inside there is no network.
 */
export async function runInNamespace(say: (text: string) => void): Promise<never> {
  const obstacle = namespaceObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  await controlPlanePrograms(say);
  const folder = mkdtempSync(join(tmpdir(), 'linnet-gateway-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { ports } = await openGateway(folder, NAMES);
  const [program = '', ...args] = inNamespace([process.execPath, ...process.argv.slice(1)]);
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, [GATEWAY_VARIABLE]: JSON.stringify({ folder, ports } satisfies Gateway) },
  });
  // A terminal sends Ctrl-C to both of us; a second one would skip the way down.
  process.on('SIGINT', () => (process.stdin.isTTY ? undefined : child.kill('SIGINT')));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const status = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
  process.exit(status);
}

/** Inside: the gateway that was opened outside. */
export function gatewayOf(env: Readonly<Record<string, string | undefined>>): Gateway | undefined {
  const text = env[GATEWAY_VARIABLE];
  return text === undefined ? undefined : (JSON.parse(text) as Gateway);
}
