import { closeSync, openSync } from 'node:fs';
import type { ConfigMap, Container, ContainerStatus, KubeObject, Pod, Secret } from '../../api/core-types.ts';
import { nameOf, namespaceOf, uidOf } from '../../api/object-name.ts';
import { deepEqual } from '../../core/values/deep-equal.ts';
import { formatTimestamp } from '../../core/values/rfc3339.ts';
import { isNotFound, isTransient } from '../../kube/api-error.ts';
import type { KubeClient, ObjectKey } from '../../kube/client.ts';
import { CONFIG_MAPS, PODS, type Resource, SECRETS } from '../../kube/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ProcessGroup } from '../process-group.ts';
import { type Backoff, ContainerRunner, type RestartPolicy } from './container-runner.ts';
import { programOf } from './images.ts';
import { EnvironmentError, type EnvironmentSources, environmentOf, expand } from './pod-environment.ts';
import { type PodFacts, type PodStatus, podStatusOf } from './pod-status.ts';
import { ReadinessProber } from './readiness-prober.ts';
import { type ApiAccess, type ApiService, apiAccessOf } from './service-account.ts';

export interface PodWorkerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly processes: ProcessGroup;
  /** Of the pod, for as long as it exists. */
  readonly address: string;
  readonly node: string;
  /** File that a container's output is appended to. */
  readonly logFile: (pod: Pod, container: Container) => string;
  readonly backoff: Backoff;
  /** Given to programs that call the API server, with tokens below `tokenFolder`; absent: they cannot. */
  readonly service?: ApiService | undefined;
  readonly tokenFolder: string;
}

type Variables = Readonly<Record<string, string>>;

/** Kubernetes' default for `terminationGracePeriodSeconds`. */
const DEFAULT_GRACE_SECONDS = 30;
/** Pause before a write, or the look at a missing Secret, is tried again. */
const RETRY_MS = 1_000;
const INIT_POLL_MS = 20;

/** Everything the kubelet does for one pod, from its binding to the removal of the object. */
export class PodWorker {
  readonly #options: PodWorkerOptions;
  readonly #startTime: string;
  readonly #stopped = new AbortController();
  readonly #ready = new Set<ContainerRunner>();
  readonly #probers = new Map<ContainerRunner, ReadinessProber>();
  readonly #environments = new Map<ContainerRunner, Variables>();
  #access: ApiAccess | undefined;
  readonly #init: readonly ContainerRunner[];
  readonly #main: readonly ContainerRunner[];
  #pod: Pod;
  #initialized = false;
  #terminating = false;
  #written: PodStatus | undefined;
  #publishing = false;

  constructor(pod: Pod, options: PodWorkerOptions) {
    this.#pod = pod;
    this.#options = options;
    this.#startTime = formatTimestamp(options.clock.now());
    const policy = (pod.spec?.restartPolicy ?? 'Always') as RestartPolicy;
    this.#init = (pod.spec?.initContainers ?? []).map((container) =>
      // An init container that ended well never runs again, whatever the pod's policy.
      this.#runnerOf(container, policy === 'Never' ? 'Never' : 'OnFailure'),
    );
    this.#main = (pod.spec?.containers ?? []).map((container) => this.#runnerOf(container, policy));
  }

  /** Binds the pod and starts its containers. */
  async start(): Promise<void> {
    await this.#bind();
    this.#publish();
    for (const runner of this.#init) {
      await this.#launch(runner);
      while (!runner.finished) await this.#options.clock.sleep(INIT_POLL_MS, this.#stopped.signal);
      if (runner.exitCode !== 0) return;
    }
    this.#initialized = true;
    for (const runner of this.#main) await this.#launch(runner);
  }

  /** Takes the newest state of the object. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp === undefined) this.#publish();
    else if (!this.#terminating) void this.#terminate(pod);
  }

  /** Ends the containers without another word to the API server: the object is gone, or the sandbox is going. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped.abort();
    this.#terminating = true;
    for (const prober of this.#probers.values()) prober.stop();
    await Promise.all([...this.#init, ...this.#main].map((runner) => runner.stop(graceMs)));
  }

  #runnerOf(container: Container, restartPolicy: RestartPolicy): ContainerRunner {
    const { clock, backoff, processes, logFile } = this.#options;
    const program = programOf(container);
    const runner: ContainerRunner = new ContainerRunner({
      container,
      program,
      restartPolicy,
      backoff,
      clock,
      start: ({ command, env }) => {
        const output = openSync(logFile(this.#pod, container), 'a');
        const variables = this.#environments.get(runner) ?? {};
        const expanded = command.map((word) => expand(word, variables));
        const access = program?.callsApi === true ? this.#access : undefined;
        try {
          return processes.start(access?.wrap(expanded) ?? expanded, {
            env: { ...access?.env, ...env, ...variables },
            output,
          });
        } finally {
          // The process has a copy of its own.
          closeSync(output);
        }
      },
      onChange: () => this.#onContainerChange(runner),
    });
    return runner;
  }

  async #bind(): Promise<void> {
    const { client, node } = this.#options;
    if (this.#pod.spec?.nodeName === node) return;
    const metadata = { name: nameOf(this.#pod), namespace: namespaceOf(this.#pod), uid: uidOf(this.#pod) };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata, target: { kind: 'Node', name: node } };
    await client.createSubresource(PODS, this.#key(), 'binding', binding);
  }

  /** Starts a container once everything that its environment refers to is there. */
  async #launch(runner: ContainerRunner): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        const { address } = this.#options;
        this.#environments.set(runner, await environmentOf(this.#pod, runner.container, address, this.#sources()));
        await this.#openApi(runner);
        runner.start();
        return;
      } catch (error) {
        if (!(error instanceof EnvironmentError)) throw error;
        runner.hold('CreateContainerConfigError', error.message);
        await this.#options.clock.sleep(RETRY_MS, this.#stopped.signal);
      }
    }
  }

  /** As the kubelet, which gives every pod the token of its service account; here only to those that use it. */
  async #openApi({ container }: ContainerRunner): Promise<void> {
    const { client, service, tokenFolder } = this.#options;
    if (service === undefined || programOf(container)?.callsApi !== true) return;
    this.#access ??= await apiAccessOf(this.#pod, { client, service, folder: tokenFolder });
  }

  #sources(): EnvironmentSources {
    const find = async <T extends KubeObject>(resource: Resource, key: ObjectKey): Promise<T | undefined> => {
      try {
        return await this.#options.client.get<T>(resource, key);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    };
    return {
      configMap: (key) => find<ConfigMap>(CONFIG_MAPS, key),
      secret: (key) => find<Secret>(SECRETS, key),
    };
  }

  #onContainerChange(runner: ContainerRunner): void {
    if (this.#terminating) return;
    this.#probers.get(runner)?.stop();
    this.#probers.delete(runner);
    this.#ready.delete(runner);
    const probe = runner.container.readinessProbe;
    if (runner.running && probe === undefined) this.#ready.add(runner);
    if (runner.running && probe !== undefined) this.#probe(runner, probe);
    this.#publish();
  }

  #probe(runner: ContainerRunner, probe: NonNullable<Container['readinessProbe']>): void {
    const { address, clock } = this.#options;
    const prober = new ReadinessProber(
      {
        container: runner.container,
        address,
        clock,
        execute: (command, timeoutMs) => this.#execute(runner, command, timeoutMs),
        onChange: (ready) => {
          if (ready) this.#ready.add(runner);
          else this.#ready.delete(runner);
          this.#publish();
        },
      },
      probe,
    );
    this.#probers.set(runner, prober);
    prober.start();
  }

  async #execute(runner: ContainerRunner, command: readonly string[], timeoutMs: number): Promise<boolean> {
    const child = this.#options.processes.start(command, { env: this.#environments.get(runner) ?? {} });
    const timer = this.#options.clock.schedule(timeoutMs, () => child.signal('SIGKILL'));
    const { code } = await child.ended;
    timer.cancel();
    return code === 0;
  }

  /** preStop, SIGTERM, SIGKILL, all within the grace period; then the object may go. */
  async #terminate(pod: Pod): Promise<void> {
    this.#terminating = true;
    this.#stopped.abort();
    for (const prober of this.#probers.values()) prober.stop();
    const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1000;
    await Promise.all([...this.#init, ...this.#main].map((runner) => this.#stopGently(runner, graceMs)));
    await this.#retried(async () => {
      await this.#options.client.delete(PODS, this.#key(), { uid: uidOf(pod), gracePeriodSeconds: 0 });
    });
  }

  async #stopGently(runner: ContainerRunner, graceMs: number): Promise<void> {
    const { clock } = this.#options;
    const { sleep, exec } = runner.container.lifecycle?.preStop ?? {};
    const began = clock.monotonic();
    if (runner.running && sleep !== undefined) await clock.sleep(Math.min(graceMs, sleep.seconds * 1000));
    if (runner.running && exec !== undefined) await this.#execute(runner, exec.command ?? [], graceMs);
    await runner.stop(Math.max(0, graceMs - (clock.monotonic() - began)));
  }

  /** Writes the status when it differs from what was written last; writes never overlap. */
  #publish(): void {
    if (this.#publishing || this.#terminating) return;
    const { clock, client } = this.#options;
    const status = podStatusOf(this.#pod, this.#facts(), this.#written, formatTimestamp(clock.now()));
    if (deepEqual(status, this.#written)) return;
    this.#publishing = true;
    const patch = { metadata: { uid: uidOf(this.#pod) }, status };
    void this.#retried(async () => {
      await client.patch(PODS, this.#key(), { type: 'strategic', patch }, { subresource: 'status' });
      this.#written = status;
    }).then(() => {
      this.#publishing = false;
      // What happened meanwhile.
      if (this.#written === status) this.#publish();
    });
  }

  /** Tries until it works or there is nothing left to write to. */
  async #retried(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await write();
        return;
      } catch (error) {
        // 404 and a uid that does not match (409): the pod is gone.
        if (!isTransient(error)) return;
        await this.#options.clock.sleep(RETRY_MS);
      }
    }
  }

  #facts(): PodFacts {
    const initFailed = this.#init.some((runner) => runner.finished && runner.exitCode !== 0);
    const finished = initFailed || (this.#main.length > 0 && this.#main.every((runner) => runner.finished));
    return {
      address: this.#options.address,
      startTime: this.#startTime,
      initialized: this.#initialized,
      initContainers: this.#init.map((runner) => this.#statusOf(runner)),
      containers: this.#main.map((runner) => this.#statusOf(runner)),
      failed: initFailed || this.#main.some((runner) => runner.exitCode !== 0),
      finished,
    };
  }

  #statusOf(runner: ContainerRunner): ContainerStatus {
    const { container, state, lastState, restartCount, running } = runner;
    return {
      name: container.name,
      image: container.image ?? '',
      imageID: '',
      ready: this.#ready.has(runner) || (this.#init.includes(runner) && runner.exitCode === 0),
      started: running,
      restartCount,
      state,
      lastState,
    };
  }

  #key(): { namespace: string; name: string } {
    return { namespace: namespaceOf(this.#pod), name: nameOf(this.#pod) };
  }
}
