import type { KubeClient } from '../../kube/client.ts';
import type { Resource } from '../../kube/resources.ts';
import type { KubeTransport } from '../../kube/transport.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { GitRepository } from './git-repository.ts';
import { type Manifest, readManifests } from './manifests.ts';

export interface GitOpsOptions {
  readonly repository: GitRepository;
  readonly client: KubeClient;
  readonly transport: KubeTransport;
  readonly clock: Clock;
  /** A commit is in the cluster. */
  readonly onApplied: (commit: string) => void;
  /** A commit could not be applied; it is tried again. */
  readonly onError: (error: unknown) => void;
}

export const FIELD_MANAGER = 'gitops';
/** Namespace of objects that name none. */
const NAMESPACE = 'default';
const POLL_MS = 200;
const RETRY_MS = 1_000;

/** A GitOps agent in little: brings every new commit of a repository into the cluster by server-side apply. */
export class GitOps {
  readonly #options: GitOpsOptions;
  readonly #stop = new AbortController();
  /** Path → text, as it is in the cluster. */
  readonly #applied = new Map<string, string>();
  readonly #kinds = new Map<string, Promise<readonly Resource[]>>();
  #done: Promise<void> | undefined;

  constructor(options: GitOpsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#done = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #follow(): Promise<void> {
    const { repository, clock, onApplied, onError } = this.#options;
    const { signal } = this.#stop;
    let applied: string | undefined;
    while (!signal.aborted) {
      let pauseMs = POLL_MS;
      try {
        const newest = await repository.newest();
        if (newest !== undefined && newest !== applied) {
          await this.#apply(newest);
          applied = newest;
          onApplied(newest);
        }
      } catch (error) {
        if (!signal.aborted) onError(error);
        pauseMs = RETRY_MS;
      }
      await clock.sleep(pauseMs, signal).catch(() => {});
    }
  }

  /**
   * Applies the files that differ from what was applied before, in the order of their names. The others are left alone on
   * purpose: `spec.selector` of a Service is atomic, so applying it anew would take away the version that Linnet put there.
   */
  async #apply(commit: string): Promise<void> {
    const files = await this.#options.repository.filesAt(commit);
    for (const [path, text] of files) {
      if (this.#applied.get(path) === text) continue;
      for (const manifest of readManifests(path, text)) await this.#applyOne(manifest);
      this.#applied.set(path, text);
    }
  }

  async #applyOne(manifest: Manifest): Promise<void> {
    const resource = await this.#resourceOf(manifest);
    const { namespace = NAMESPACE, name = '' } = manifest.metadata;
    const key = resource.namespaced ? { namespace, name } : { name };
    await this.#options.client.patch(
      resource,
      key,
      { type: 'apply', patch: manifest, fieldManager: FIELD_MANAGER, force: true },
      { signal: this.#stop.signal },
    );
  }

  async #resourceOf({ apiVersion, kind, metadata }: Manifest): Promise<Resource> {
    const known = this.#kinds.get(apiVersion) ?? this.#discover(apiVersion);
    this.#kinds.set(apiVersion, known);
    const resource = (await known).find((candidate) => candidate.kind === kind);
    if (resource !== undefined) return resource;
    // A CRD may come; do not remember the answer.
    this.#kinds.delete(apiVersion);
    throw new Error(`${kind} "${metadata.name ?? ''}": the cluster has no such kind in ${apiVersion}`);
  }

  async #discover(apiVersion: string): Promise<readonly Resource[]> {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const path = `/${group === '' ? 'api' : 'apis'}/${apiVersion}`;
    const { status, body } = await this.#options.transport.request({ method: 'GET', path });
    if (status !== 200) return [];
    const { resources } = JSON.parse(body) as {
      readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
    };
    return resources
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind, namespaced }) => ({
        group: group ?? '',
        version: version ?? '',
        plural: name,
        kind,
        namespaced,
      }));
  }
}
