import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import { LEASES, PODS } from '../../src/kube/resources.ts';
import { countLost } from '../../src/sandbox/demo/measurements.ts';
import { Load } from '../../src/sandbox/load/load.ts';
import type { AuditEvent } from '../support/audit-log.ts';
import { kustomize } from '../support/kustomize.ts';
import { type RbacRequest, RbacRules } from '../support/rbac-rules.ts';
import { lacking, program } from './support/machine.ts';
import { type RealCluster, useRealCluster } from './support/real-cluster.ts';
import { isStable, RELEASE_LIMIT_MS, release, SHOP_HOST, untilShop } from './support/shop.ts';

const missing = lacking('etcd', 'kubernetes');
const NAMESPACE = 'argo-rollouts';
const ACCOUNT = { namespace: NAMESPACE, name: 'linnet-controller' };
const PER_SECOND = 50;

/**
 * What the story below has no occasion for, each with the occasion. Anything else that no request needed is a permission
 * too many.
 */
const NOT_EXERCISED: Readonly<Record<string, string>> = {
  'ClusterRole/linnet-controller: update rollouts/finalizers.argoproj.io':
    'asked for by an admission plugin that this API server runs without',
  'ClusterRole/linnet-controller: get rollouts.argoproj.io':
    'after a write of somebody else that the watch has not brought yet',
  'ClusterRole/linnet-controller: get analysisruns.argoproj.io': 'after a conflict',
  'ClusterRole/linnet-controller: delete analysisruns.argoproj.io': 'beyond the history limit of analysis runs',
  'ClusterRole/linnet-controller: get replicasets.apps': 'when one to be created exists already',
  'ClusterRole/linnet-controller: delete replicasets.apps': 'beyond revisionHistoryLimit',
  'ClusterRole/linnet-controller: get ingresses.networking.k8s.io': 'when one to be created exists already',
  'ClusterRole/linnet-controller-analysis-secrets: get secrets': 'arguments of an analysis that name a Secret',
};

describe.skipIf(missing !== undefined)('deploy/ on a real API server', () => {
  const cluster = useRealCluster({ bare: true });

  beforeAll(async () => {
    const { kubectl, prometheusUrl } = cluster();
    await kubectl(['apply', '-k', 'deploy/']);
    // What every installation says of its own surroundings.
    await kubectl([
      'set',
      'env',
      '-n',
      NAMESPACE,
      'deployment/linnet-controller',
      `ARGO_ROLLOUTS_PROMETHEUS_ADDRESS=${prometheusUrl}`,
    ]);
    const flag = [{ op: 'add', path: '/spec/template/spec/containers/0/args/-', value: '--nginx-propagation=1s' }];
    await kubectl([
      'patch',
      '-n',
      NAMESPACE,
      'deployment/linnet-controller',
      '--type=json',
      '-p',
      JSON.stringify(flag),
    ]);
    await kubectl(['rollout', 'status', '-n', NAMESPACE, 'deployment/linnet-controller', '--timeout=120s']);
  });

  it('runs two replicas under PodSecurity "restricted", of which one leads', async () => {
    const { client, until } = cluster();
    const namespace = JSON.parse(await cluster().kubectl(['get', 'namespace', NAMESPACE, '-o', 'json'])) as KubeObject;
    expect(namespace.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    const pods = await client.list<Pod>(PODS, NAMESPACE);
    const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(alive.map(({ status }) => status?.containerStatuses?.[0]?.restartCount)).toEqual([0, 0]);
    // One of the first installation, of before the settings, may still be giving the Lease back.
    const leads = (lease: Lease | undefined): boolean =>
      alive.some(({ metadata }) => lease?.spec?.holderIdentity?.startsWith(`${metadata.name}_`));
    expect(await until<Lease>(LEASES, leaseKey, leads)).toBeDefined();
  });

  it(
    'releases, takes back, restarts and hands over with the permissions shipped, none missing and none idle',
    async () => {
      const { kubectl } = cluster();
      const shop = (condition: (rollout: Rollout) => boolean): Promise<Rollout> => untilShop(cluster(), condition);
      await kubectl(['apply', '-f', 'examples/demo']);
      await shop(isStable('v1'));
      // Without traffic nothing is promoted.
      const { processes, nginxUrl } = cluster();
      const load = new Load({ processes, url: nginxUrl, host: SHOP_HOST, perSecond: PER_SECOND });
      await release(cluster(), 'v2');
      await shop(isStable('v2'));
      await handOver(cluster());
      await release(cluster(), 'v3', '0.2');
      await shop(({ status }) => status?.abort === true && status.phase === 'Degraded');
      await release(cluster(), 'v2');
      await shop(isStable('v2'));
      const restartAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      await kubectl(['patch', 'rollout', 'shop', '--type=merge', '-p', JSON.stringify({ spec: { restartAt } })]);
      await shop(({ status }) => status?.restartedAt === restartAt);

      await load.stop();
      expect(countLost(load.windows)).toBe(0);

      const own = cluster().audit().filter(isOwn);
      expect(own.filter(({ responseStatus }) => responseStatus?.code === 403).map(describeEvent)).toEqual([]);
      const requests = own.flatMap(requestOf);
      const rules = new RbacRules(kustomize(program('kubectl'), 'deploy'), ACCOUNT);
      expect(requests.filter((request) => !rules.allows(request))).toEqual([]);
      expect(rules.unused(requests).filter((grant) => !(grant in NOT_EXERCISED))).toEqual([]);
    },
    RELEASE_LIMIT_MS * 2,
  );

  it('uninstalls, and leaves what it released running', async () => {
    const { kubectl, client } = cluster();
    await kubectl(['delete', '-n', NAMESPACE, 'deployment/linnet-controller', '--wait']);
    const pods = await client.list<Pod>(PODS, 'default');
    expect(pods.filter(({ status }) => status?.phase === 'Running').length).toBeGreaterThan(0);
  });
});

interface Lease extends KubeObject {
  readonly spec?: { readonly holderIdentity?: string };
}

const leaseKey = { namespace: NAMESPACE, name: 'argo-rollouts-controller-lock' };

/** The leader's pod goes, and the other one leads. */
async function handOver({ kubectl, until }: RealCluster): Promise<void> {
  const held = await until<Lease>(LEASES, leaseKey, (lease) => (lease?.spec?.holderIdentity ?? '') !== '');
  const before = held?.spec?.holderIdentity ?? '';
  await kubectl(['delete', 'pod', '-n', NAMESPACE, before.split('_')[0] ?? '', '--wait=false']);
  await until<Lease>(LEASES, leaseKey, (lease) => ![undefined, '', before].includes(lease?.spec?.holderIdentity));
  await kubectl(['rollout', 'status', '-n', NAMESPACE, 'deployment/linnet-controller', '--timeout=60s']);
}

function isOwn({ user }: AuditEvent): boolean {
  return user.username === `system:serviceaccount:${ACCOUNT.namespace}:${ACCOUNT.name}`;
}

function describeEvent({ verb, requestURI }: AuditEvent): string {
  return `${verb} ${requestURI}`;
}

/** Without those that ask for no object, such as `/version`: RBAC has no rule about them. */
function requestOf({ verb, objectRef }: AuditEvent): readonly RbacRequest[] {
  if (objectRef === undefined) return [];
  const { apiGroup = '', resource, subresource, namespace, name } = objectRef;
  return [
    {
      verb,
      group: apiGroup,
      resource,
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    },
  ];
}
