import type { Rollout } from '../../api/rollout.ts';
import { isObserved } from '../../core/rollout/observed-generation.ts';
import { CliError } from '../cli-error.ts';
import { type Cluster, withCluster } from '../cluster/connect.ts';
import { getRollout, patchSpec, patchStatus, retryOnConflict } from '../cluster/rollouts.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { parseName } from '../names.ts';
import { type PromoteMode, planPromotion } from '../promotion.ts';

/** How long the controller may take to see a change of the spec that was made just before. */
const OBSERVED_WITHIN_MS = 10_000;
const LOOK_AGAIN_AFTER_MS = 250;

/** Lets an update go on. */
export function promote({ host, globals }: CommandContext, text: string, mode: PromoteMode): Promise<ExitCode> {
  return withCluster(host, globals, async (cluster) => {
    const name = parseName(text, 'rollout');
    let meant: string | undefined;
    const message = await retryOnConflict(async () => {
      const rollout = await observedRollout(host, cluster, name);
      meant ??= placeOf(rollout);
      if (meant !== placeOf(rollout)) throw movedOn(name, rollout);
      return carryOut(cluster, name, rollout, mode);
    });
    host.stdout.write(`rollout '${name}' ${message}\n`);
    return EXIT.ok;
  });
}

/** Status first, as Argo Rollouts' plugin: an update that is unpaused too early would meet its pause once more. */
async function carryOut(cluster: Cluster, name: string, rollout: Rollout, mode: PromoteMode): Promise<string> {
  const promotion = planPromotion(rollout, mode);
  const { resourceVersion } = rollout.metadata;
  if (promotion.status !== undefined) {
    const precondition = resourceVersion === undefined ? {} : { metadata: { resourceVersion } };
    await patchStatus(cluster, name, { ...precondition, status: promotion.status });
  }
  if (promotion.spec !== undefined) await patchSpec(cluster, name, promotion.spec);
  return promotion.message;
}

/** The version and step that the user wants to leave behind. */
function placeOf({ metadata, status }: Rollout): string {
  return `${metadata.uid ?? ''} ${status?.currentPodHash ?? ''} ${status?.currentStepIndex ?? ''}`;
}

function movedOn(name: string, { status }: Rollout): CliError {
  return new CliError(`rollout "${name}" moved on to step ${status?.currentStepIndex ?? 0} in the meantime`, {
    hint: `look with \`kubectl linnet get rollout ${name}\` and promote again if that is what you want`,
  });
}

/**
 * The Rollout with a status that is about its newest spec. Promoting by an older status would promote a version that
 * the user has just replaced.
 */
async function observedRollout(host: Host, cluster: Cluster, name: string): Promise<Rollout> {
  const deadline = host.clock.monotonic() + OBSERVED_WITHIN_MS;
  for (;;) {
    const rollout = await getRollout(cluster, name);
    if (isObserved(rollout)) return rollout;
    if (host.clock.monotonic() >= deadline) {
      throw new CliError(`the controller has not seen the newest spec of rollout "${name}" yet`, {
        hint: 'is the controller running? `kubectl linnet status` tells when it has caught up',
      });
    }
    await host.clock.sleep(LOOK_AGAIN_AFTER_MS, host.signal);
  }
}
