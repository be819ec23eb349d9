import { namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { RolloutAnalysis } from '../../api/rollout-analysis.ts';

/** Key under which a Rollout is found when the named object changes. */
export function referenceKey(kind: 'Service' | 'Ingress', namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

/**
 * Key under which a Rollout is found when any template of its namespace (or any cluster-scoped one) changes. Templates may
 * name further templates, so a change of one can matter to a Rollout that does not name it.
 */
export function templateReferenceKey(namespace: string | undefined): string {
  return namespace === undefined ? 'ClusterAnalysisTemplate' : `AnalysisTemplate/${namespace}`;
}

/** Names of the Services that the spec mentions. */
export function serviceNames(rollout: Rollout): readonly string[] {
  const { canary, blueGreen } = rollout.spec.strategy ?? {};
  const names = [canary?.canaryService, canary?.stableService, blueGreen?.activeService, blueGreen?.previewService];
  return distinct(names);
}

/** Names of the stable Ingresses that the spec mentions. */
export function ingressNames(rollout: Rollout): readonly string[] {
  const nginx = rollout.spec.strategy?.canary?.trafficRouting?.nginx;
  const names = [nginx?.stableIngress, ...(nginx?.stableIngresses ?? [])];
  return distinct(names);
}

function distinct(names: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(names.filter((name): name is string => name !== undefined && name !== ''))];
}

/** Templates that the spec names: of background analysis, analysis steps and blue-green promotion. */
export function templateReferences(rollout: Rollout): readonly { readonly name: string; readonly cluster: boolean }[] {
  const { canary, blueGreen } = rollout.spec.strategy ?? {};
  const analyses: readonly (RolloutAnalysis | undefined)[] = [
    canary?.analysis,
    ...(canary?.steps ?? []).map((step) => step.analysis),
    blueGreen?.prePromotionAnalysis,
    blueGreen?.postPromotionAnalysis,
  ];
  return analyses.flatMap((analysis) =>
    (analysis?.templates ?? []).map((template) => ({
      name: template.templateName ?? '',
      cluster: template.clusterScope === true,
    })),
  );
}

/** Every key under which a change of another object is a reason to look at this Rollout. */
export function referencesOf(rollout: Rollout): readonly string[] {
  const namespace = namespaceOf(rollout);
  const templates = templateReferences(rollout);
  return [
    ...serviceNames(rollout).map((name) => referenceKey('Service', namespace, name)),
    ...ingressNames(rollout).map((name) => referenceKey('Ingress', namespace, name)),
    ...(templates.length > 0 ? [templateReferenceKey(namespace)] : []),
    ...(templates.some(({ cluster }) => cluster) ? [templateReferenceKey(undefined)] : []),
  ];
}
