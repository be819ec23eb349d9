import type { KubeObject } from '../../api/core-types.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { ObjectKey } from '../../kube/client.ts';
import { Informer, type InformerOptions } from '../../kube/informer.ts';
import { ROLLOUTS } from '../../kube/resources.ts';
import { orAborted, scopedAbort } from '../../runtime/abort.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { CliError } from '../cli-error.ts';
import type { Host } from '../host.ts';
import type { RolloutFamily } from '../view/family.ts';
import type { Cluster } from './connect.ts';
import { emptyFamily, type MemberKind } from './read-family.ts';

export interface FamilyWatch {
  readonly key: ObjectKey;
  /** What to watch beside the Rollout itself. */
  readonly kinds: readonly MemberKind[];
  readonly signal: AbortSignal;
  /** Hears of lost connections. */
  readonly logger: Logger;
  /** Called with the first state and then after every single change, so that no transition is missed. */
  readonly onChange: (family: RolloutFamily) => 'go-on' | 'stop';
}

/**
 * Follows a Rollout and what belongs to it, through lost connections and restarts of the API server. Resolves when
 * `onChange` says stop; rejects with `CliError` when the Rollout is deleted, and with the signal's reason.
 */
export async function watchFamily(host: Host, cluster: Cluster, watch: FamilyWatch): Promise<void> {
  const { clock, random } = host;
  const { key, kinds, signal, logger, onChange } = watch;
  const scope = scopedAbort(clock, signal);
  const common = { transport: cluster.transport, clock, random, namespace: key.namespace, logger };
  const rollouts = new Informer<Rollout>({ ...common, resource: ROLLOUTS, fieldSelector: `metadata.name=${key.name}` });
  const members = kinds.map((kind) => ({ kind, informer: new Informer<KubeObject>(memberOptions(common, kind)) }));
  const informers = [rollouts, ...members.map(({ informer }) => informer)];
  const { promise: ended, resolve, reject } = Promise.withResolvers<undefined>();

  const report = (): void => {
    const [rollout] = rollouts.store.list();
    if (rollout === undefined) {
      reject(new CliError(`rollouts.argoproj.io "${key.name}" was deleted`));
      return;
    }
    const lists = Object.fromEntries(members.map(({ kind, informer }) => [kind.member, informer.store.list()]));
    try {
      if (onChange({ ...emptyFamily(rollout), ...lists }) === 'stop') resolve(undefined);
    } catch (error) {
      reject(error);
    }
  };

  const runs = informers.map((informer) => informer.run(scope.signal));
  try {
    await orAborted(Promise.all(informers.map(({ synced }) => synced)), signal);
    const handler = { added: report, updated: report, deleted: report };
    // Subscribing reports what is there already; an empty collection has to be reported too.
    if (rollouts.store.size === 0) report();
    for (const informer of informers) (informer as Informer<KubeObject>).onChange(handler);
    await orAborted(ended, signal);
  } finally {
    scope.abort(new Error('no longer watched'));
    await Promise.all(runs);
    scope.dispose();
  }
}

type CommonOptions = Omit<InformerOptions<KubeObject>, 'resource' | 'labelSelector' | 'transform'>;

function memberOptions(common: CommonOptions, { resource, labelSelector }: MemberKind): InformerOptions<KubeObject> {
  return { ...common, resource, ...(labelSelector === '' ? {} : { labelSelector }) };
}
