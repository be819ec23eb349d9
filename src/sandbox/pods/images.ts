import { fileURLToPath } from 'node:url';
import type { Container } from '../../api/core-types.ts';

/** What a container runs: a command on this machine. */
export interface Program {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** It calls the API server, as its pod's service account. */
  readonly callsApi?: boolean;
}

const SAMPLE_APP = 'linnet.dev/sample-app';
const CONTROLLER = 'linnet-controller';
const CONTROLLER_FILE = fileURLToPath(new URL('../../main.ts', import.meta.url));
const SAMPLE_APP_FILE = fileURLToPath(new URL('sample-app.ts', import.meta.url));
/** Images that people use for a shell and its usual tools; here they have those of this machine. */
const SHELL_IMAGES: ReadonlySet<string> = new Set(['alpine', 'bash', 'busybox', 'debian', 'ubuntu']);

/**
 * The program behind an image. There is no registry in the sandbox: `linnet.dev/sample-app:<version>` is the sample
 * application, `linnet-controller` is the controller from source, a few well-known names stand for a shell, and any
 * other image cannot be pulled (undefined). `$(NAME)` in a command stands for a variable, as in a manifest.
 */
export function programOf({ image = '', command = [], args = [] }: Container): Program | undefined {
  const { repository, tag } = parseImage(image);
  if (repository === SAMPLE_APP) {
    const given = command.length === 0 ? [process.execPath, SAMPLE_APP_FILE] : command;
    return { command: [...given, ...args], env: { VERSION: tag } };
  }
  if (repository === CONTROLLER) {
    // All pods share one network here, so that each has to keep to its own address.
    const given = [process.execPath, CONTROLLER_FILE, '--bind-address=$(POD_IP)'];
    return { command: [...given, ...args], env: {}, callsApi: true };
  }
  if (SHELL_IMAGES.has(repository.split('/').at(-1) ?? '')) {
    return { command: [...(command.length === 0 ? ['sh'] : command), ...args], env: {} };
  }
  return undefined;
}

/** `host:5000/name:tag@digest` in its parts; the tag is `latest` when there is none. */
function parseImage(image: string): { readonly repository: string; readonly tag: string } {
  const [name = ''] = image.split('@');
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/')
    ? { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
    : { repository: name, tag: 'latest' };
}
