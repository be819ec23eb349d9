import type { KubeObject } from '../../../src/api/core-types.ts';

const HASH = 'rollouts-pod-template-hash';
/** Prefixes of annotations and labels that the controller may write on objects of users. */
const OWN = ['rollout.argoproj.io/', 'argo-rollouts.argoproj.io/', 'linnet.dev/', 'notified.notifications.argoproj.io'];

interface Free extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
}

/**
 * I9, foreign data: whatever the controller writes to an object of a user, it leaves all as it is but its own annotations
 * and labels, the status, and the hash in the selector of a Service. `before` and `after` surround a write of the
 * controller.
 */
export function foreignData(before: KubeObject, after: KubeObject): readonly string[] {
  const [was, is] = [foreignPart(before), foreignPart(after)];
  return was === is ? [] : [`${after.kind} ${after.metadata.name} was ${was} and is ${is}`];
}

function foreignPart(object: Free): string {
  const { labels, annotations, finalizers, ownerReferences } = object.metadata;
  const { selector, ...spec } = object.spec ?? {};
  const selection = object.kind === 'Service' ? without(selector as Record<string, string>, [HASH]) : selector;
  return JSON.stringify([
    without(labels, OWN),
    without(annotations, OWN),
    finalizers,
    ownerReferences,
    selection,
    spec,
  ]);
}

function without(record: Readonly<Record<string, string>> | undefined, prefixes: readonly string[]): object {
  const entries = Object.entries(record ?? {}).filter(([key]) => !prefixes.some((prefix) => key.startsWith(prefix)));
  return Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
