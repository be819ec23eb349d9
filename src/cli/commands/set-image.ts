import { ApiError, isConflict } from '../../kube/api-error.ts';
import { withCluster } from '../cluster/connect.ts';
import { templateOwner } from '../cluster/pod-template-owner.ts';
import { getRollout, retryOnConflict } from '../cluster/rollouts.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { imagePatch, parseImageChange } from '../image-patch.ts';
import { parseName } from '../names.ts';

/** Changes images of a Rollout, or of the Deployment that it refers to. */
export function setImage(
  { host, globals }: CommandContext,
  text: string,
  images: readonly string[],
): Promise<ExitCode> {
  const name = parseName(text, 'rollout');
  const changes = images.map(parseImageChange);
  return withCluster(host, globals, async (cluster) => {
    await retryOnConflict(async () => {
      const owner = await templateOwner(cluster, await getRollout(cluster, name));
      const patch = imagePatch(owner.template, changes);
      await cluster.client.patch(owner.resource, owner.key, { type: 'json', patch });
    }, isOvertaken);
    host.stdout.write(`rollout "${name}" image updated\n`);
    return EXIT.ok;
  });
}

/** Somebody else changed the containers in between: a JSON patch whose `test` fails is refused as unprocessable. */
function isOvertaken(error: unknown): boolean {
  return isConflict(error) || (error instanceof ApiError && error.status === 422 && error.details.causes === undefined);
}
