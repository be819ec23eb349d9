import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import type { KubeObject, PodSpec } from '../../../src/api/core-types.ts';
import { NAMESPACES } from '../../../src/kube/resources.ts';
import { connect } from '../../../src/sandbox/cluster-api.ts';
import { startController } from '../../../src/sandbox/controller-process.ts';
import { installDefinitions } from '../../../src/sandbox/definitions.ts';
import { ProcessGroup } from '../../../src/sandbox/process-group.ts';
import { CONTROLLER_NAMESPACE } from '../../../src/sandbox/sandbox-cluster.ts';
import { findKubectl } from '../../support/kubectl.ts';
import { named, object } from './applications.ts';
import type { StoryCluster } from './release-story.ts';
import { runKubectl } from './run-kubectl.ts';
import { samplePod } from './sample.ts';
import { untilOn } from './until.ts';

const K3S_IMAGE = 'rancher/k3s:v1.34.1-k3s1';
/** The first line of Traefik that reads the canary annotations of ingress-nginx is 3.7. */
const TRAEFIK_TAG = 'v3.7.5';
const NODE_IMAGE = 'node:24-alpine';
const HTTP_PORT = 80;
/** Its images come over the network. */
const START_LIMIT_MS = 300_000;
const START_HOOK_LIMIT_MS = 2 * START_LIMIT_MS;
/** Traefik looks at the API server every two seconds. */
const PROPAGATION_MS = 3_000;
const POD_NETWORK = '10.42.0.0/16';
const SAMPLE_APP = fileURLToPath(new URL('../../../src/sandbox/pods/sample-app.ts', import.meta.url));

/** Starts k3s in a container before the tests of a file and ends it after them. The controller runs on this machine. */
export function useK3s(): () => StoryCluster {
  const processes = new ProcessGroup();
  let cluster: StoryCluster | undefined;
  beforeAll(async () => {
    cluster = await startK3s(processes);
  }, START_HOOK_LIMIT_MS);
  afterAll(() => processes.close());
  return () => {
    if (cluster === undefined) throw new Error('there is no cluster before beforeAll');
    return cluster;
  };
}

async function startK3s(processes: ProcessGroup): Promise<StoryCluster> {
  // Takes a while to load, and is of no use where there is no container engine.
  const { K3sContainer } = await import('@testcontainers/k3s');
  const container = await new K3sContainer(K3S_IMAGE)
    // The module's own command leaves Traefik out.
    .withCommand(['server'])
    .withExposedPorts(HTTP_PORT)
    .withCopyContentToContainer([
      { content: TRAEFIK, target: '/var/lib/rancher/k3s/server/manifests/linnet-traefik.yaml' },
    ])
    .withStartupTimeout(START_LIMIT_MS)
    .start();
  processes.defer(async () => void (await container.stop()));
  const folder = await mkdtemp(join(tmpdir(), 'linnet-k3s-'));
  processes.defer(() => rm(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, container.getKubeConfig());
  const { client } = await connect(kubeconfig, processes);
  await installDefinitions(client);
  await client.create(NAMESPACES, { metadata: { name: CONTROLLER_NAMESPACE } });
  const kubectl = await findKubectl();
  if ('missing' in kubectl) throw new Error(kubectl.missing);
  return {
    processes,
    kubeconfig,
    kubectl: (args, input) => runKubectl(kubeconfig, args, input, kubectl.path),
    until: untilOn(client),
    startController: () =>
      startController({
        processes,
        kubeconfig,
        logFile: join(folder, 'linnet.log'),
        address: '127.0.0.1',
        podNetwork: POD_NETWORK,
        // Nothing is analysed in the story.
        prometheusUrl: '',
        flags: [`--nginx-propagation=${PROPAGATION_MS}ms`],
      }),
    url: `http://${container.getHost()}:${container.getMappedPort(HTTP_PORT)}`,
    propagationMs: PROPAGATION_MS,
    pod: podOf,
    objects: [
      named('v1', 'ConfigMap', 'sample-app', { data: { 'sample-app.mts': await readFile(SAMPLE_APP, 'utf8') } }),
    ],
  };
}

const VOLUME = { name: 'app', configMap: { name: 'sample-app' } };

/** The sample application's source on an image of Node, so that no image has to be built. */
function podOf(version: string): PodSpec {
  const { containers } = samplePod(NODE_IMAGE);
  const environment = [
    { name: 'VERSION', value: version },
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ];
  return {
    containers: containers.map((container) => ({
      ...container,
      command: ['node', '/app/sample-app.mts'],
      env: [...(container.env ?? []), ...environment],
      volumeMounts: [{ name: VOLUME.name, mountPath: '/app' }],
    })),
    volumes: [VOLUME],
  };
}

/** Has the Traefik of k3s read Ingresses of class `nginx`, which its chart's own role is not made for. */
const READS: readonly (readonly [string, readonly string[]])[] = [
  ['', ['services', 'secrets', 'configmaps', 'namespaces', 'nodes', 'pods']],
  ['discovery.k8s.io', ['endpointslices']],
  ['networking.k8s.io', ['ingresses', 'ingressclasses']],
];
const ROLE = 'linnet-traefik-nginx';
const RBAC = 'rbac.authorization.k8s.io';
const TRAEFIK_VALUES = {
  image: { registry: 'docker.io', repository: 'traefik', tag: TRAEFIK_TAG },
  additionalArguments: ['--providers.kubernetesingressnginx=true'],
};
const TRAEFIK_OBJECTS: readonly KubeObject[] = [
  object(
    'helm.cattle.io/v1',
    'HelmChartConfig',
    { name: 'traefik', namespace: 'kube-system' },
    {
      spec: { valuesContent: JSON.stringify(TRAEFIK_VALUES) },
    },
  ),
  object(
    `${RBAC}/v1`,
    'ClusterRole',
    { name: ROLE },
    {
      rules: [
        ...READS.map(([group, resources]) => ({ apiGroups: [group], resources, verbs: ['get', 'list', 'watch'] })),
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['update'] },
      ],
    },
  ),
  object(
    `${RBAC}/v1`,
    'ClusterRoleBinding',
    { name: ROLE },
    {
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: ROLE },
      subjects: [{ kind: 'ServiceAccount', name: 'traefik', namespace: 'kube-system' }],
    },
  ),
];
/** k3s applies what it finds in its folder of manifests. JSON is YAML. */
const TRAEFIK = TRAEFIK_OBJECTS.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
