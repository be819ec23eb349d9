import type { ReplicaSet } from '../../api/core-types.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../api/keys.ts';
import type { Rollout } from '../../api/rollout.ts';
import { revisionOf } from '../../core/rollout/revision.ts';
import { sameTemplate } from '../../core/values/template-equality.ts';
import { REPLICA_SETS } from '../../kube/resources.ts';
import { CliError } from '../cli-error.ts';
import { type Cluster, withCluster } from '../cluster/connect.ts';
import { templateOwner } from '../cluster/pod-template-owner.ts';
import { getRollout } from '../cluster/rollouts.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { parseName } from '../names.ts';
import { writtenTemplate } from '../undo-template.ts';
import { ownedBy } from '../view/family.ts';

/** Goes back to the pod template of an earlier revision; 0 means the previous one. */
export function undo({ host, globals }: CommandContext, text: string, toRevision: number): Promise<ExitCode> {
  return withCluster(host, globals, async (cluster) => {
    const name = parseName(text, 'rollout');
    const rollout = await getRollout(cluster, name);
    const target = chooseRevision(name, await history(cluster, rollout), toRevision);
    const owner = await templateOwner(cluster, rollout);
    const template = writtenTemplate(target);
    if (sameTemplate(owner.template, template)) {
      const revision = revisionOf(target);
      host.stdout.write(`skipped rollback (current template already matches revision ${revision})\n`);
      return EXIT.ok;
    }
    const patch = [{ op: 'replace', path: '/spec/template', value: template }];
    await cluster.client.patch(owner.resource, owner.key, { type: 'json', patch });
    host.stdout.write(`rollout '${name}' undo\n`);
    return EXIT.ok;
  });
}

/** ReplicaSets of the Rollout, newest revision first. */
async function history({ client, namespace }: Cluster, rollout: Rollout): Promise<readonly ReplicaSet[]> {
  const labelSelector = POD_TEMPLATE_HASH_LABEL;
  const replicaSets = await client.list<ReplicaSet>(REPLICA_SETS, namespace, { labelSelector });
  return ownedBy(rollout, replicaSets)
    .filter((replicaSet) => revisionOf(replicaSet) > 0)
    .sort((one, other) => revisionOf(other) - revisionOf(one));
}

function chooseRevision(name: string, replicaSets: readonly ReplicaSet[], toRevision: number): ReplicaSet {
  const known = replicaSets.map(revisionOf).join(', ');
  if (toRevision === 0) {
    const [, previous] = replicaSets;
    if (previous !== undefined) return previous;
    throw new CliError(`no revision of rollout "${name}" to go back to`, {
      hint: known === '' ? 'it has no ReplicaSets yet' : `there is only revision ${known}`,
    });
  }
  const wanted = replicaSets.find((replicaSet) => revisionOf(replicaSet) === toRevision);
  if (wanted !== undefined) return wanted;
  throw new CliError(`unable to find specified revision ${toRevision} of rollout "${name}" in history`, {
    hint: `there are revisions ${known === '' ? 'none' : known}; spec.revisionHistoryLimit says how many are kept`,
  });
}
