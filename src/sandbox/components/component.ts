/** What is built from source for tests on real parts: one Go module each, under test/real/components. */
export interface Component {
  /** Folder of its Go module. */
  readonly name: string;
  /** What it is for, in messages. */
  readonly title: string;
  readonly programs: Readonly<Record<string, GoProgram>>;
  /** The module that tests read CRDs and examples of. */
  readonly module?: string;
  /** Given to the linker beside `-s -w`. */
  readonly linkerFlags?: readonly string[];
  /** Minutes that a build from nothing takes on two cores: measured, for people who wait. */
  readonly minutes: number;
}

export interface GoProgram {
  readonly package: string;
  /** Environment variable that names a ready-made program, as controller-runtime's envtest has it. */
  readonly environment: string;
}

const KUBERNETES = 'v1.36.3';
const [, KUBERNETES_MAJOR = '', KUBERNETES_MINOR = ''] = /^v(\d+)\.(\d+)/.exec(KUBERNETES) ?? [];

export const COMPONENTS = {
  etcd: {
    name: 'etcd',
    title: 'etcd',
    programs: { etcd: { package: 'go.etcd.io/etcd/server/v3', environment: 'TEST_ASSET_ETCD' } },
    minutes: 2,
  },
  kubernetes: {
    name: 'kubernetes',
    title: `Kubernetes ${KUBERNETES}`,
    programs: {
      'kube-apiserver': kubernetes('kube-apiserver'),
      'kube-controller-manager': kubernetes('kube-controller-manager'),
      'kube-scheduler': kubernetes('kube-scheduler'),
      kubectl: kubernetes('kubectl'),
    },
    // Without them the API server calls itself v0.0.0-master.
    linkerFlags: [
      `-X k8s.io/component-base/version.gitVersion=${KUBERNETES}`,
      `-X k8s.io/component-base/version.gitMajor=${KUBERNETES_MAJOR}`,
      `-X k8s.io/component-base/version.gitMinor=${KUBERNETES_MINOR}`,
    ],
    minutes: 9,
  },
  'argo-rollouts': {
    name: 'argo-rollouts',
    title: 'Argo Rollouts',
    programs: {
      'rollouts-controller': {
        package: 'github.com/argoproj/argo-rollouts/cmd/rollouts-controller',
        environment: 'TEST_ASSET_ROLLOUTS_CONTROLLER',
      },
      'kubectl-argo-rollouts': {
        package: 'github.com/argoproj/argo-rollouts/cmd/kubectl-argo-rollouts',
        environment: 'TEST_ASSET_KUBECTL_ARGO_ROLLOUTS',
      },
    },
    module: 'github.com/argoproj/argo-rollouts',
    minutes: 5,
  },
  traefik: {
    name: 'traefik',
    title: 'Traefik',
    programs: { traefik: { package: 'github.com/traefik/traefik/v3/cmd/traefik', environment: 'TEST_ASSET_TRAEFIK' } },
    minutes: 7,
  },
  'kustomize-controller': {
    name: 'kustomize-controller',
    title: "Flux's kustomize-controller",
    programs: {
      'kustomize-controller': {
        package: 'github.com/fluxcd/kustomize-controller',
        environment: 'TEST_ASSET_KUSTOMIZE_CONTROLLER',
      },
    },
    module: 'github.com/fluxcd/kustomize-controller',
    minutes: 4,
  },
  'argo-cd-health': {
    name: 'argo-cd-health',
    title: "Argo CD's health script",
    programs: { 'argo-cd-health': { package: '.', environment: 'TEST_ASSET_ARGO_CD_HEALTH' } },
    minutes: 1,
  },
} as const satisfies Record<string, Component>;

export type ComponentName = keyof typeof COMPONENTS;

function kubernetes(name: string): GoProgram {
  return {
    package: `k8s.io/kubernetes/cmd/${name}`,
    environment: `TEST_ASSET_${name.toUpperCase().replaceAll('-', '_')}`,
  };
}
