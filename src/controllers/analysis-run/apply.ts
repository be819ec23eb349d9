import type { AnalysisRun, AnalysisRunStatus } from '../../api/analysis.ts';
import { nameOf, namespaceOf, uidOf } from '../../api/object-name.ts';
import { mergePatchBetween } from '../../core/values/merge-patch.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { CallOptions, KubeClient, ObjectKey } from '../../kube/client.ts';
import { ANALYSIS_RUNS } from '../../kube/resources.ts';

/**
 * Stores a status when it differs, in the main resource (there is no status subresource), and only into the very state
 * that was observed. Resolves to what is stored; rejects with a conflict when somebody else wrote in between.
 */
export async function storeStatus(
  client: KubeClient,
  run: AnalysisRun,
  status: AnalysisRunStatus,
  options: CallOptions,
): Promise<AnalysisRun> {
  const patch = mergePatchBetween(run.status ?? {}, status);
  if (patch === undefined) return run;
  const { resourceVersion } = run.metadata;
  return await client.patch<AnalysisRun>(
    ANALYSIS_RUNS,
    keyOfRun(run),
    { type: 'merge', patch: { metadata: { uid: uidOf(run), resourceVersion }, status: patch } },
    options,
  );
}

/** Deletes a run that has outlived its TTL, unless it has been changed or replaced meanwhile. */
export async function deleteRun(client: KubeClient, run: AnalysisRun, options: CallOptions): Promise<void> {
  const { resourceVersion } = run.metadata;
  try {
    await client.delete(ANALYSIS_RUNS, keyOfRun(run), {
      ...options,
      uid: uidOf(run),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      propagationPolicy: 'Background',
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

export function keyOfRun(run: AnalysisRun): ObjectKey {
  return { namespace: namespaceOf(run), name: nameOf(run) };
}
