import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Why no container can be started here, in one line; undefined when one can. */
export async function containerObstacle(): Promise<string | undefined> {
  if (!mayHaveEngine()) return 'no container engine: neither DOCKER_HOST nor a docker.sock';
  try {
    // It takes a while to load, so only where there may be an engine.
    const { getContainerRuntimeClient } = await import('testcontainers');
    await getContainerRuntimeClient();
    return undefined;
  } catch (error) {
    return `the container engine does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Where testcontainers looks for one. */
function mayHaveEngine(): boolean {
  const folders = [
    '/var/run',
    process.env['XDG_RUNTIME_DIR'],
    join(homedir(), '.docker', 'run'),
    join(homedir(), '.docker', 'desktop'),
    `/run/user/${process.getuid?.()}`,
  ];
  const hasSocket = folders.some((folder) => folder !== undefined && existsSync(join(folder, 'docker.sock')));
  return (
    hasSocket || process.env['DOCKER_HOST'] !== undefined || existsSync(join(homedir(), '.testcontainers.properties'))
  );
}
