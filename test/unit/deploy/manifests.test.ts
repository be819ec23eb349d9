import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/api/core-types.ts';
import { parseArgs } from '../../../src/config/controller-config.ts';
import { findKubectl } from '../../support/kubectl.ts';
import { kustomize } from '../../support/kustomize.ts';
import { type RbacRequest, RbacRules } from '../../support/rbac-rules.ts';

const found = await findKubectl();
if ('missing' in found) process.stdout.write(`skipped: ${found.missing}\n`);
const render = (folder: string): readonly KubeObject[] => ('missing' in found ? [] : kustomize(found.path, folder));

/** `apply` would create cluster-scoped objects of these kinds. */
const CLUSTER_SCOPED = new Set(['Namespace', 'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding']);
const VARIANTS = { 'cluster-wide': render('deploy'), namespaced: render('deploy/namespaced') };
const ACCOUNT = { namespace: 'argo-rollouts', name: 'linnet-controller' };

interface Deployment extends KubeObject {
  readonly spec: {
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly template: {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly securityContext: object;
        readonly volumes?: readonly object[];
        readonly hostNetwork?: boolean;
        readonly hostPID?: boolean;
        readonly hostIPC?: boolean;
        readonly containers: readonly {
          readonly image: string;
          readonly args: readonly string[];
          readonly securityContext: object;
          readonly resources: { readonly limits: object };
          readonly env: readonly { readonly name: string; readonly valueFrom: object }[];
          readonly ports: readonly {
            readonly name: string;
            readonly containerPort: number;
            readonly hostPort?: number;
          }[];
          readonly livenessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
          readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
        }[];
      };
    };
  };
}

function ofKind(objects: readonly KubeObject[], kind: string): readonly KubeObject[] {
  return objects.filter((object) => object.kind === kind);
}

function deploymentOf(objects: readonly KubeObject[]): Deployment {
  return ofKind(objects, 'Deployment')[0] as Deployment;
}

describe.skipIf('missing' in found)('deploy/', () => {
  describe.each(Object.entries(VARIANTS))('%s', (variant, objects) => {
    const deployment = deploymentOf(objects);
    const pod = deployment?.spec.template.spec;
    const [container] = pod?.containers ?? [];

    it('fulfils PodSecurity "restricted"', () => {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.containers).toHaveLength(1);
      expect(container?.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect([pod.hostNetwork, pod.hostPID, pod.hostIPC, pod.volumes]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(container?.ports.filter(({ hostPort }) => hostPort !== undefined)).toEqual([]);
    });

    it('puts everything into one namespace', () => {
      const namespaced = objects.filter(({ kind }) => !CLUSTER_SCOPED.has(kind ?? ''));
      expect(new Set(namespaced.map(({ metadata }) => metadata.namespace))).toEqual(new Set([ACCOUNT.namespace]));
    });

    it('gives the controller arguments that it understands, and ports and an environment that fit', () => {
      const config = parseArgs(container?.args ?? [], { POD_NAMESPACE: ACCOUNT.namespace });
      if (config.kind !== 'run') throw new Error('the arguments ask for a text, not for a run');
      expect(config.warnings).toEqual([]);
      expect(config.namespaced).toBe(variant === 'namespaced');
      expect(config.leaderElection).toMatchObject({
        namespace: ACCOUNT.namespace,
        name: 'argo-rollouts-controller-lock',
      });
      expect(container?.env).toEqual([
        { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      ]);
      const ports = new Map(container?.ports.map(({ name, containerPort }) => [name, containerPort]));
      expect(ports.get('metrics')).toBe(config.endpoints.metricsPort);
      expect(ports.get('healthz')).toBe(config.endpoints.healthzPort);
      expect(container?.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'healthz' });
      expect(container?.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'healthz' });
    });

    it('runs the version of this repository', async () => {
      const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
      expect(container?.image).toBe(`linnet-controller:${version}`);
    });

    it('selects the controller, and only it, wherever something selects', () => {
      const { labels } = deployment.spec.template.metadata;
      const selectors = objects.flatMap(({ kind, spec }: KubeObject & { spec?: never }) => {
        const { selector, podSelector } = (spec ?? {}) as Record<string, { matchLabels?: object } | undefined>;
        if (kind === 'Service') return [selector];
        return ['Deployment', 'PodDisruptionBudget', 'NetworkPolicy'].includes(kind ?? '')
          ? [(selector ?? podSelector)?.matchLabels]
          : [];
      });
      expect(selectors).toHaveLength(4);
      for (const selector of selectors) expect(selector).toEqual({ 'app.kubernetes.io/name': 'linnet-controller' });
      expect(labels).toMatchObject({ 'app.kubernetes.io/name': 'linnet-controller' });
    });

    it('serves metrics under the name that dashboards ask for', () => {
      expect(ofKind(objects, 'Service')).toMatchObject([
        {
          metadata: { name: 'argo-rollouts-metrics' },
          spec: { ports: [{ name: 'metrics', port: 8090, targetPort: 'metrics' }] },
        },
      ]);
    });

    it('needs nothing that it does not grant, and grants nothing without a call', () => {
      const rules = new RbacRules(objects, ACCOUNT);
      const calls = [...callsIn(variant === 'namespaced' ? 'argo-rollouts' : 'anywhere', variant), ...OWN_CALLS];
      expect(calls.filter((call) => !rules.allows(call))).toEqual([]);
      // Asked for by an admission plugin, not by a call; the comment at the rule says which.
      const role = variant === 'namespaced' ? 'Role' : 'ClusterRole';
      expect(rules.unused(calls)).toEqual([`${role}/linnet-controller: update rollouts/finalizers.argoproj.io`]);
    });

    it('never lets it list Secrets, touch a workload of others or read what it has no business with', () => {
      const rules = new RbacRules(objects, ACCOUNT);
      const namespace = ACCOUNT.namespace;
      const forbidden: readonly RbacRequest[] = [
        { verb: 'list', resource: 'secrets', namespace },
        { verb: 'watch', resource: 'secrets', namespace },
        { verb: 'get', resource: 'configmaps', namespace, name: 'other' },
        { verb: 'delete', resource: 'pods', namespace, name: 'any' },
        { verb: 'delete', group: 'networking.k8s.io', resource: 'ingresses', namespace, name: 'any' },
        { verb: 'patch', group: 'apps', resource: 'deployments', namespace, name: 'any' },
        { verb: 'update', group: 'coordination.k8s.io', resource: 'leases', namespace, name: 'other' },
        { verb: 'create', group: 'argoproj.io', resource: 'rollouts', namespace },
        { verb: 'delete', group: 'argoproj.io', resource: 'rollouts', namespace, name: 'any' },
      ];
      expect(forbidden.filter((request) => rules.allows(request))).toEqual([]);
    });
  });

  it('cluster-wide: brings the CRDs and a namespace that enforces "restricted"', () => {
    const objects = VARIANTS['cluster-wide'];
    expect(ofKind(objects, 'CustomResourceDefinition')).toHaveLength(5);
    const [namespace] = ofKind(objects, 'Namespace');
    expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  it('namespaced: nothing is cluster-scoped', () => {
    expect(VARIANTS.namespaced.filter(({ kind }) => CLUSTER_SCOPED.has(kind ?? ''))).toEqual([]);
  });

  it('people get what Argo Rollouts gives them, by aggregation', () => {
    const roles = ofKind(VARIANTS['cluster-wide'], 'ClusterRole');
    const aggregated = roles.flatMap(({ metadata }) => Object.keys(metadata.labels ?? {}));
    expect(aggregated.filter((label) => label.includes('aggregate-to')).sort()).toEqual([
      'rbac.authorization.k8s.io/aggregate-to-admin',
      'rbac.authorization.k8s.io/aggregate-to-edit',
      'rbac.authorization.k8s.io/aggregate-to-view',
    ]);
  });

  describe('an overlay', () => {
    const folders: string[] = [];
    afterAll(async () => {
      for (const folder of folders) await rm(folder, { recursive: true });
    });

    it('moves a variant into another namespace, bindings included', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'linnet-overlay-'));
      folders.push(folder);
      const overlay = `namespace: team-a\nresources: [${relative(folder, resolve('deploy/namespaced'))}]\n`;
      await writeFile(join(folder, 'kustomization.yaml'), overlay);
      const objects = render(folder);
      expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['team-a']));
      const rules = new RbacRules(objects, { ...ACCOUNT, namespace: 'team-a' });
      expect(rules.allows({ verb: 'list', resource: 'pods', namespace: 'team-a' })).toBe(true);
    });
  });
});

const OWN = { namespace: ACCOUNT.namespace };
const LEASE = { ...OWN, group: 'coordination.k8s.io', resource: 'leases' };

/** In the controller's own namespace: the Lease (src/kube/lease.ts) and notifications' configuration. */
const OWN_CALLS: readonly RbacRequest[] = [
  { ...LEASE, verb: 'create' },
  { ...LEASE, verb: 'get', name: 'argo-rollouts-controller-lock' },
  { ...LEASE, verb: 'update', name: 'argo-rollouts-controller-lock' },
  { ...OWN, verb: 'get', resource: 'configmaps', name: 'argo-rollouts-notification-configmap' },
  { ...OWN, verb: 'get', resource: 'secrets', name: 'argo-rollouts-notification-secret' },
];

/** All other calls of the controller, about objects of one namespace. */
function callsIn(namespace: string, variant: string): readonly RbacRequest[] {
  const calls = (group: string, resource: string, ...verbs: readonly string[]) =>
    verbs.map((verb) => ({
      verb,
      group,
      resource,
      // Informers list and watch all namespaces at once, unless --namespaced.
      ...(variant === 'namespaced' || !['list', 'watch'].includes(verb) ? { namespace } : {}),
      ...(['list', 'watch', 'create'].includes(verb) ? {} : { name: 'any' }),
    }));
  return [
    ...calls('argoproj.io', 'rollouts', 'get', 'list', 'watch', 'patch'),
    { ...calls('argoproj.io', 'rollouts', 'patch')[0]!, subresource: 'status' },
    ...calls('argoproj.io', 'analysisruns', 'get', 'list', 'watch', 'create', 'patch', 'delete'),
    ...calls('argoproj.io', 'analysistemplates', 'list', 'watch'),
    ...calls('apps', 'replicasets', 'get', 'list', 'watch', 'create', 'patch', 'delete'),
    ...calls('', 'pods', 'list', 'watch'),
    { verb: 'create', resource: 'pods', subresource: 'eviction', namespace, name: 'any' },
    ...calls('', 'services', 'list', 'watch', 'patch'),
    ...calls('discovery.k8s.io', 'endpointslices', 'list', 'watch'),
    ...calls('networking.k8s.io', 'ingresses', 'get', 'list', 'watch', 'create', 'patch'),
    ...calls('', 'events', 'create', 'patch'),
    ...calls('', 'secrets', 'get'),
    ...(variant === 'namespaced'
      ? []
      : [
          ...calls('argoproj.io', 'clusteranalysistemplates', 'list', 'watch').map(({ verb, group, resource }) => ({
            verb,
            group,
            resource,
          })),
          {
            verb: 'get',
            group: 'apiextensions.k8s.io',
            resource: 'customresourcedefinitions',
            name: 'rollouts.argoproj.io',
          },
        ]),
  ];
}
