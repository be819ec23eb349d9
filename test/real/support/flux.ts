import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Condition, KubeObject } from '../../../src/api/core-types.ts';
import type { Resource } from '../../../src/kube/resources.ts';
import { freePort } from '../../../src/sandbox/free-port.ts';
import { GitRepository } from '../../../src/sandbox/git/git-repository.ts';
import { program } from './machine.ts';
import type { RealCluster } from './real-cluster.ts';

const run = promisify(execFile);

const NAMESPACE = 'flux-system';
const HOST = '127.0.0.1';
const ARCHIVE_LIMIT_BYTES = 16 * 1024 * 1024;

const GIT_REPOSITORIES: Resource = {
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'GitRepository',
  plural: 'gitrepositories',
  namespaced: true,
};
const KUSTOMIZATIONS: Resource = {
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Kustomization',
  plural: 'kustomizations',
  namespaced: true,
};

/** The fields of a Kustomization that tests read. */
interface Kustomization extends KubeObject {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly lastAppliedRevision?: string;
    readonly lastAttemptedRevision?: string;
    readonly conditions?: readonly Condition[];
  };
}

/**
 * Flux as far as it can be built: the real kustomize-controller, and in place of source-controller a Git repository on
 * this machine whose commits are published as artifacts over HTTP.
 */
export class Flux {
  readonly repository: GitRepository;
  readonly #cluster: RealCluster;
  readonly #url: string;
  readonly #archives: Map<string, Buffer>;

  private constructor(cluster: RealCluster, repository: GitRepository, url: string, archives: Map<string, Buffer>) {
    this.#cluster = cluster;
    this.repository = repository;
    this.#url = url;
    this.#archives = archives;
  }

  /**
   * Installs the CRDs, starts the server of artifacts and kustomize-controller.
   *
   * @param module folder of its Go module, which has the CRDs
   */
  static async start(cluster: RealCluster, module: string): Promise<Flux> {
    const { kubectl, processes, folder, kubeconfig } = cluster;
    await kubectl(
      ['apply', '--server-side', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: SOURCES.map(sourceDefinition) }),
    );
    await kubectl(['apply', '--server-side', '-f', join(module, 'config', 'crd', 'bases')]);
    await kubectl(['create', 'namespace', NAMESPACE]);
    await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=120s']);
    const archives = new Map<string, Buffer>();
    const server = createServer((request, response) => {
      const archive = archives.get(request.url ?? '');
      response.writeHead(archive === undefined ? 404 : 200).end(archive);
    });
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    processes.defer(async () => void server.close());
    const url = `http://${HOST}:${(server.address() as AddressInfo).port}`;
    const repository = await GitRepository.create(join(folder, 'flux-git'), 'git');
    const log = openSync(join(folder, 'kustomize-controller.log'), 'a');
    const [metrics, health] = [await freePort(HOST), await freePort(HOST)];
    processes.start(
      [
        program('kustomize-controller'),
        '--watch-all-namespaces',
        '--enable-leader-election=false',
        // Without it a revert waits until the health checks of what it reverts have timed out.
        '--feature-gates=CancelHealthCheckOnNewRevision=true',
        `--metrics-addr=${HOST}:${metrics}`,
        `--health-addr=${HOST}:${health}`,
      ],
      { env: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: NAMESPACE, TMPDIR: folder }, output: log },
    );
    return new Flux(cluster, repository, url, archives);
  }

  /** What kustomize-controller logged so far. */
  log(): string {
    return readFileSync(join(this.#cluster.folder, 'kustomize-controller.log'), 'utf8');
  }

  /** Publishes the newest commit, as source-controller does: an archive, and a source that names it. */
  async publish(): Promise<string> {
    const { client, kubectl } = this.#cluster;
    const commit = await this.repository.head();
    const { stdout } = await run('git', ['archive', '--format=tar.gz', commit], {
      cwd: this.repository.folder,
      encoding: 'buffer',
      maxBuffer: ARCHIVE_LIMIT_BYTES,
    });
    const path = `/${commit}.tar.gz`;
    this.#archives.set(path, stdout);
    const source = {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'apps', namespace: NAMESPACE },
      spec: { url: 'https://git.invalid/apps', interval: '1m' },
    };
    await kubectl(['apply', '-f', '-'], JSON.stringify(source));
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const revision = `main@sha1:${commit}`;
    const status = {
      observedGeneration: 1,
      artifact: {
        url: `${this.#url}${path}`,
        path: path.slice(1),
        revision,
        digest: `sha256:${createHash('sha256').update(stdout).digest('hex')}`,
        lastUpdateTime: now,
      },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Succeeded',
          message: 'stored artifact',
          lastTransitionTime: now,
          observedGeneration: 1,
        },
      ],
    };
    await client.patch(
      GIT_REPOSITORIES,
      { namespace: NAMESPACE, name: 'apps' },
      { type: 'merge', patch: { status } },
      { subresource: 'status' },
    );
    return revision;
  }

  /** Has a folder of the repository applied, every few seconds and at each new commit. */
  async follow(name: string, spec: object): Promise<void> {
    const kustomization = {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        interval: '4s',
        retryInterval: '2s',
        timeout: '3m',
        prune: true,
        targetNamespace: 'default',
        path: `./${name}`,
        sourceRef: { kind: 'GitRepository', name: 'apps' },
        ...spec,
      },
    };
    await this.#cluster.kubectl(['apply', '-f', '-'], JSON.stringify(kustomization));
  }

  /** Waits until Flux has judged a revision and gives `Ready`: True when it is applied and healthy. */
  async verdict(name: string, revision: string, limitMs?: number): Promise<Condition | undefined> {
    const key = { namespace: NAMESPACE, name };
    const judged = await this.#cluster.until<Kustomization>(
      KUSTOMIZATIONS,
      key,
      (object) => {
        const ready = readyOf(object);
        return (
          object?.status?.lastAttemptedRevision === revision && (ready?.status === 'True' || ready?.status === 'False')
        );
      },
      limitMs,
    );
    return readyOf(judged);
  }
}

function readyOf(kustomization: Kustomization | undefined): Condition | undefined {
  return kustomization?.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** What kustomize-controller watches. Only the first has objects; the schemas are Flux's own affair. */
const SOURCES = [
  ['GitRepository', 'gitrepositories'],
  ['OCIRepository', 'ocirepositories'],
  ['Bucket', 'buckets'],
] as const;

function sourceDefinition([kind, plural]: (typeof SOURCES)[number]): object {
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.source.toolkit.fluxcd.io` },
    spec: {
      group: 'source.toolkit.fluxcd.io',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope: 'Namespaced',
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, subresources: { status: {} } },
      ],
    },
  };
}
