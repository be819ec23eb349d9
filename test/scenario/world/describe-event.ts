import { mergePatchBetween } from '../../../src/core/values/merge-patch.ts';
import type { StorageEvent } from '../../../src/simulator/storage.ts';

const MAX_CHANGE_LENGTH = 400;
/** Kubernetes' own bookkeeping, which tells a reader nothing. */
const NOISE = ['resourceVersion', 'managedFields', 'generation'];

/** One write as a line: who, what, and the difference that it made. */
export function describeEvent({ collection, key, type, object, previous }: StorageEvent, writer: string): string {
  const name = `${collection.split('/')[1]} ${key.replace(/^default\//, '')}`;
  if (collection === '/events') {
    const { reason, message } = object as unknown as { readonly reason: string; readonly message: string };
    return `${writer} says ${reason}: ${message}`;
  }
  if (type !== 'MODIFIED' || previous === undefined)
    return `${writer} ${type === 'ADDED' ? 'creates' : 'removes'} ${name}`;
  const change = mergePatchBetween(withoutNoise(previous), withoutNoise(object)) ?? {};
  return `${writer} ${name} ${JSON.stringify(change).slice(0, MAX_CHANGE_LENGTH)}`;
}

function withoutNoise(object: StorageEvent['object']): object {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !NOISE.includes(key)));
  return { ...object, metadata };
}
