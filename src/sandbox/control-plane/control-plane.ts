import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.ts';
import type { Programs } from '../components/component-cache.ts';
import { freePort } from '../free-port.ts';
import { lastLines } from '../last-lines.ts';
import type { Child, ProcessGroup } from '../process-group.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { ADVERTISED, POD_NETWORK, SERVICE_NETWORK } from './network-namespace.ts';

export interface ControlPlaneOptions {
  readonly processes: ProcessGroup;
  readonly clock: Clock;
  /** Programs of the components etcd and kubernetes. */
  readonly programs: Programs;
  /** Everything that it writes. */
  readonly folder: string;
  /** What kube-controller-manager runs, in the form of its `--controllers`. */
  readonly controllers?: string;
}

/** The four programs of a Kubernetes control plane. */
export type Part = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

const HOST = '127.0.0.1';
/** It takes seconds where there is nothing else to do. */
const START_LIMIT_MS = 180_000;
const READY_ANSWER_LIMIT_MS = 5_000;
const POLL_MS = 50;
/** The one node is an object without a kubelet that would renew its lease. */
const CONTROLLERS = '*,-node-lifecycle-controller';
const PARTS: readonly Part[] = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** Writes of every kind by everybody, one line each; reads are counted, too, because an idle controller makes none. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'Metadata' }],
};

/**
 * A real Kubernetes control plane on this machine: etcd, kube-apiserver, kube-controller-manager and kube-scheduler as
 * processes inside a network namespace. Each part can be stopped and started again, as a test of faults wants it.
 */
export class ControlPlane {
  readonly #options: ControlPlaneOptions;
  readonly #children = new Map<Part, Child>();
  readonly #certificates: Certificates;
  readonly #ports: Ports;
  readonly #agent: Agent;
  /** Of an administrator. */
  readonly kubeconfig: string;
  /** Base URL of the API server. */
  readonly url: string;
  /** Base URL of etcd, which asks for no credentials. */
  readonly etcdUrl: string;
  /** PEM file of the certificate authority. */
  readonly authority: string;
  /** One JSON line per request that ended, as the API server writes it. */
  readonly auditLog: string;

  private constructor(options: ControlPlaneOptions, certificates: Certificates, ports: Ports, agent: Agent) {
    this.#options = options;
    this.#certificates = certificates;
    this.#ports = ports;
    this.#agent = agent;
    this.url = `https://${HOST}:${ports.api}`;
    this.etcdUrl = `http://${HOST}:${ports.etcd}`;
    this.authority = certificates.authority;
    this.kubeconfig = join(options.folder, 'kubeconfig');
    this.auditLog = join(options.folder, 'audit.log');
  }

  /** Starts all parts. Resolves when the API server is ready. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const { folder, processes } = options;
    mkdirSync(join(folder, 'logs'), { recursive: true });
    const certificates = await makeCertificates(folder);
    const ports = await freePorts();
    const { authority, admin } = certificates;
    const [ca, cert, key] = await Promise.all(
      [authority, admin.certificate, admin.key].map((file) => readFile(file, 'utf8')),
    );
    const agent = new Agent({ ca, cert, key });
    const plane = new ControlPlane(options, certificates, ports, agent);
    await Promise.all([
      writeFile(plane.kubeconfig, kubeconfigOf(plane.url, certificates)),
      writeFile(join(folder, 'audit-policy.yaml'), JSON.stringify(AUDIT_POLICY)),
    ]);
    processes.defer(() => plane.stopAll());
    plane.#launch('etcd');
    plane.#launch('kube-apiserver');
    await plane.untilReady();
    // They give up when the API server is not healthy within ten seconds, as on a busy machine.
    plane.#launch('kube-controller-manager');
    plane.#launch('kube-scheduler');
    return plane;
  }

  /** Starts a part that was stopped. The API server is waited for. */
  async startPart(part: Part): Promise<void> {
    this.#launch(part);
    if (part === 'kube-apiserver' || part === 'etcd') await this.untilReady();
  }

  /** Ends a part; SIGKILL when `graceMs` is 0. */
  async stopPart(part: Part, graceMs?: number): Promise<void> {
    const child = this.#children.get(part);
    this.#children.delete(part);
    await child?.stop(graceMs);
  }

  /** Ends all parts at once: nobody is going to use what they would save. */
  async stopAll(): Promise<void> {
    this.#agent.destroy();
    await Promise.all(PARTS.map((part) => this.stopPart(part, 0)));
  }

  /** @throws Error with the last lines of its log when the API server does not become ready. */
  async untilReady(): Promise<void> {
    const { clock, folder } = this.#options;
    const deadline = clock.monotonic() + START_LIMIT_MS;
    while (!(await this.#isReady())) {
      if (clock.monotonic() > deadline) {
        throw new Error(
          `the API server is not ready after ${START_LIMIT_MS / 1000} s; ${await lastLines(join(folder, 'logs', 'kube-apiserver.log'))}`,
        );
      }
      await clock.sleep(POLL_MS);
    }
  }

  #isReady(): Promise<boolean> {
    return new Promise((resolve) => {
      const asked = request(
        `${this.url}/readyz`,
        { agent: this.#agent, timeout: READY_ANSWER_LIMIT_MS },
        (response) => {
          response.resume();
          resolve(response.statusCode === 200);
        },
      );
      asked.on('timeout', () => asked.destroy());
      asked.on('error', () => resolve(false));
      asked.end();
    });
  }

  #launch(part: Part): void {
    const { processes, programs, folder } = this.#options;
    const output = openSync(join(folder, 'logs', `${part}.log`), 'a');
    const command = [programs[part] ?? part, ...this.#argumentsOf(part)];
    // A part that finds itself in a cluster would talk to that one.
    const env = { KUBERNETES_SERVICE_HOST: undefined, KUBERNETES_SERVICE_PORT: undefined };
    this.#children.set(part, processes.start(command, { output, env }));
    closeSync(output);
  }

  #argumentsOf(part: Part): readonly string[] {
    switch (part) {
      case 'etcd':
        return this.#etcdArguments();
      case 'kube-apiserver':
        return this.#apiServerArguments();
      case 'kube-controller-manager':
        return [...this.#clientArguments(this.#ports.controllerManager), ...this.#controllerManagerArguments()];
      case 'kube-scheduler':
        return this.#clientArguments(this.#ports.scheduler);
    }
  }

  #etcdArguments(): readonly string[] {
    const client = this.etcdUrl;
    const peer = `http://${HOST}:${this.#ports.etcdPeer}`;
    return [
      `--data-dir=${join(this.#options.folder, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      // The data lives as long as the test.
      '--unsafe-no-fsync',
    ];
  }

  #apiServerArguments(): readonly string[] {
    const { folder } = this.#options;
    const { authority, server, serviceAccounts } = this.#certificates;
    return [
      `--etcd-servers=${this.etcdUrl}`,
      `--cert-dir=${folder}`,
      // On all addresses of the namespace, so that pods reach it by the address of Service `kubernetes`, too.
      '--bind-address=0.0.0.0',
      `--secure-port=${this.#ports.api}`,
      `--advertise-address=${ADVERTISED}`,
      `--service-cluster-ip-range=${SERVICE_NETWORK}.0.0/16`,
      '--authorization-mode=RBAC',
      '--allow-privileged=true',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${serviceAccounts.publicKey}`,
      `--service-account-signing-key-file=${serviceAccounts.privateKey}`,
      `--client-ca-file=${authority}`,
      `--tls-cert-file=${server.certificate}`,
      `--tls-private-key-file=${server.key}`,
      '--endpoint-reconciler-type=none',
      // There is no kubelet that would take the taint of a new node away.
      '--disable-admission-plugins=TaintNodesByCondition',
      `--audit-policy-file=${join(folder, 'audit-policy.yaml')}`,
      `--audit-log-path=${this.auditLog}`,
      '--audit-log-mode=blocking',
      // In megabytes: it is read as it grows, and must not be begun anew.
      '--audit-log-maxsize=100000',
    ];
  }

  #clientArguments(port: number): readonly string[] {
    return [
      `--kubeconfig=${this.kubeconfig}`,
      `--authentication-kubeconfig=${this.kubeconfig}`,
      `--authorization-kubeconfig=${this.kubeconfig}`,
      `--bind-address=${HOST}`,
      `--secure-port=${port}`,
      '--leader-elect=false',
    ];
  }

  #controllerManagerArguments(): readonly string[] {
    const { authority, serviceAccounts } = this.#certificates;
    return [
      `--service-account-private-key-file=${serviceAccounts.privateKey}`,
      `--root-ca-file=${authority}`,
      '--use-service-account-credentials=true',
      `--controllers=${this.#options.controllers ?? CONTROLLERS}`,
      `--cluster-cidr=${POD_NETWORK}.0.0/16`,
      '--horizontal-pod-autoscaler-sync-period=2s',
      '--concurrent-gc-syncs=20',
      '--kube-api-qps=200',
      '--kube-api-burst=400',
    ];
  }
}

interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly api: number;
  readonly controllerManager: number;
  readonly scheduler: number;
}

async function freePorts(): Promise<Ports> {
  const [etcd = 0, etcdPeer = 0, api = 0, controllerManager = 0, scheduler = 0] = await Promise.all(
    Array.from({ length: 5 }, () => freePort(HOST)),
  );
  return { etcd, etcdPeer, api, controllerManager, scheduler };
}

/** Of an administrator, by certificate. */
function kubeconfigOf(url: string, { authority, admin }: Certificates): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'linnet', cluster: { server: url, 'certificate-authority': authority } }],
    users: [{ name: 'admin', user: { 'client-certificate': admin.certificate, 'client-key': admin.key } }],
    contexts: [{ name: 'linnet', context: { cluster: 'linnet', user: 'admin', namespace: 'default' } }],
    'current-context': 'linnet',
  };
  // JSON is YAML.
  return `${JSON.stringify(config, null, 2)}\n`;
}
