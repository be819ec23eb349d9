import type { KubeObject } from '../../../src/api/core-types.ts';
import { isNotFound } from '../../../src/kube/api-error.ts';
import type { KubeClient, ObjectKey } from '../../../src/kube/client.ts';
import type { Resource } from '../../../src/kube/resources.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';

/** Polls an object until it is as asked (undefined: there is none), and gives it. @throws Error that shows the last state */
export type Until = <T extends KubeObject>(
  resource: Resource,
  key: ObjectKey,
  condition: (object: T | undefined) => boolean,
  limitMs?: number,
) => Promise<T | undefined>;

/** What takes seconds on a quiet machine may take minutes on one that does other things, too. */
const LIMIT_MS = 180_000;
const POLL_MS = 100;

export function untilOn(client: KubeClient): Until {
  return async <T extends KubeObject>(
    resource: Resource,
    key: ObjectKey,
    condition: (object: T | undefined) => boolean,
    limitMs = LIMIT_MS,
  ) => {
    const deadline = systemClock.monotonic() + limitMs;
    for (;;) {
      const state = await look<T>(client, resource, key);
      if (!(state instanceof Error) && condition(state)) return state;
      if (systemClock.monotonic() > deadline) {
        const seen = state instanceof Error ? state.message : JSON.stringify(state, null, 1);
        throw new Error(`${resource.kind} ${key.name} is not as expected after ${limitMs / 1000} s: ${seen}`);
      }
      await systemClock.sleep(POLL_MS);
    }
  };
}

/** An API server that has just come back may refuse a request or two. */
async function look<T extends KubeObject>(client: KubeClient, resource: Resource, key: ObjectKey) {
  try {
    return await client.get<T>(resource, key);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    return error instanceof Error ? error : new Error(String(error));
  }
}
