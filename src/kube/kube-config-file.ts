import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';

/** The configuration cannot be used; the message says which file and field, and what to do. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
  readonly code = 'kubeconfig' as const;
}

/** `null` is what YAML makes of `token:` with nothing behind it; kubectl treats it as absent. */
const optional = <T extends z.ZodType>(schema: T) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();

const cluster = z.looseObject({
  server: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }),
  'certificate-authority': optional(z.string()),
  'certificate-authority-data': optional(z.string()),
  'insecure-skip-tls-verify': optional(z.boolean()),
  'tls-server-name': optional(z.string()),
  'proxy-url': optional(z.string()),
});

const user = z.looseObject({
  token: optional(z.string()),
  tokenFile: optional(z.string()),
  username: optional(z.string()),
  password: optional(z.string()),
  'client-certificate': optional(z.string()),
  'client-certificate-data': optional(z.string()),
  'client-key': optional(z.string()),
  'client-key-data': optional(z.string()),
  as: optional(z.string()),
  exec: optional(z.looseObject({ command: z.string() })),
  'auth-provider': optional(z.looseObject({ name: z.string() })),
});

const context = z.looseObject({
  cluster: z.string(),
  user: optional(z.string()),
  namespace: optional(z.string()),
});

const kubeConfig = z.looseObject({
  'current-context': optional(z.string()),
  clusters: optional(z.array(z.object({ name: z.string(), cluster }))),
  users: optional(z.array(z.object({ name: z.string(), user: user.nullable().transform((value) => value ?? {}) }))),
  contexts: optional(z.array(z.object({ name: z.string(), context }))),
});

export type KubeConfigCluster = z.output<typeof cluster>;
export type KubeConfigUser = z.output<typeof user>;
type KubeConfigContext = z.output<typeof context>;

/** One or several kubeconfig files as one. */
export interface MergedKubeConfig {
  readonly files: readonly string[];
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, KubeConfigCluster>;
  readonly users: ReadonlyMap<string, KubeConfigUser>;
  readonly contexts: ReadonlyMap<string, KubeConfigContext>;
}

/**
 * Reads files and merges them as kubectl does: the first file that names an entry wins, and relative paths are relative
 * to the file that holds them.
 */
export async function readKubeConfigFiles(files: readonly string[]): Promise<MergedKubeConfig> {
  const clusters = new Map<string, KubeConfigCluster>();
  const users = new Map<string, KubeConfigUser>();
  const contexts = new Map<string, KubeConfigContext>();
  let currentContext: string | undefined;
  for (const file of files) {
    const config = await readOne(file);
    const directory = dirname(resolve(file));
    currentContext ||= config['current-context'];
    for (const entry of config.clusters ?? []) {
      addFirst(clusters, entry.name, () => absolute(entry.cluster, directory, ['certificate-authority']));
    }
    for (const entry of config.users ?? []) {
      addFirst(users, entry.name, () =>
        absolute(entry.user, directory, ['client-certificate', 'client-key', 'tokenFile']),
      );
    }
    for (const entry of config.contexts ?? []) {
      addFirst(contexts, entry.name, () => entry.context);
    }
  }
  return { files, currentContext, clusters, users, contexts };
}

async function readOne(file: string): Promise<z.output<typeof kubeConfig>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new KubeConfigError(`kubeconfig ${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const { parseDocument } = await import('./yaml-parser.ts');
  const document = parseDocument(text);
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const [where] = syntaxError.linePos ?? [];
    const line = where === undefined ? '' : ` at line ${where.line}, column ${where.col}`;
    // The library's message quotes the line, which may hold a token; its code does not.
    throw new KubeConfigError(`kubeconfig ${file} is not valid YAML${line} (${syntaxError.code})`);
  }
  const result = kubeConfig.safeParse(document.toJS() ?? {});
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'document'}: ${issue.message}`);
    throw new KubeConfigError(`kubeconfig ${file} is malformed: ${problems.join('; ')}`);
  }
  return result.data;
}

function addFirst<T>(map: Map<string, T>, name: string, value: () => T): void {
  if (!map.has(name)) {
    map.set(name, value());
  }
}

/** The entry with the given fields, which hold paths, made absolute. */
function absolute<T extends object>(entry: T, directory: string, fields: readonly (keyof T)[]): T {
  const paths = fields.flatMap((field) => {
    const path = entry[field];
    return typeof path === 'string' && path !== '' ? [[field, resolve(directory, path)] as const] : [];
  });
  return { ...entry, ...Object.fromEntries(paths) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
