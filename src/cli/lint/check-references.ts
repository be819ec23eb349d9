import type { AnalysisTemplate } from '../../api/analysis.ts';
import type { Ingress, KubeObject, Service } from '../../api/core-types.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../api/keys.ts';
import { nameOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { RolloutAnalysis } from '../../api/rollout-analysis.ts';
import { closestWord } from '../../api/validate/edit-distance.ts';
import { buildRunSpec } from '../../core/analysis/merge-templates.ts';
import { templateKey } from '../../core/rollout/observed.ts';
import type { SoundManifest } from './check-manifest.ts';
import type { Finding } from './finding.ts';

/**
 * What Rollouts name among the manifests of the same input: Services, Ingresses and AnalysisTemplates. One that is not
 * there may be in the cluster, so that only a name that looks misspelt is a problem.
 */
export function checkReferences(manifests: readonly SoundManifest[]): readonly Finding[] {
  return manifests
    .filter(({ object }) => object.kind === 'Rollout')
    .flatMap((manifest) => {
      const rollout = manifest.object as Rollout;
      const near = manifests.map(({ object }) => object).filter((object) => isNear(rollout, object));
      return rolloutProblems(rollout, near).map(({ field, reason, remedy }) => ({
        place: manifest.source.placeOf(field),
        object: `Rollout/${nameOf(rollout)}`,
        field,
        reason,
        ...(remedy === undefined ? {} : { remedy }),
      }));
    });
}

/** Whether a reference of the Rollout can mean this object: same namespace, or none. */
function isNear(rollout: Rollout, object: KubeObject): boolean {
  const { namespace } = object.metadata;
  return namespace === undefined || namespace === (rollout.metadata.namespace ?? namespace);
}

interface ReferenceProblem {
  readonly field: string;
  readonly reason: string;
  readonly remedy?: string;
}

function rolloutProblems(rollout: Rollout, objects: readonly KubeObject[]): readonly ReferenceProblem[] {
  return [
    ...serviceReferences(rollout).flatMap(([field, name]) => serviceProblems(rollout, objects, field, name)),
    ...ingressReferences(rollout).flatMap(([field, name]) => ingressProblems(rollout, objects, field, name)),
    ...analysisReferences(rollout).flatMap(([field, analysis]) => templateProblems(objects, field, analysis)),
  ];
}

type NamedReference = readonly [field: string, name: string];

function serviceReferences(rollout: Rollout): readonly NamedReference[] {
  const { canary, blueGreen } = rollout.spec.strategy ?? {};
  return given([
    ['spec.strategy.canary.canaryService', canary?.canaryService],
    ['spec.strategy.canary.stableService', canary?.stableService],
    ['spec.strategy.blueGreen.activeService', blueGreen?.activeService],
    ['spec.strategy.blueGreen.previewService', blueGreen?.previewService],
  ]);
}

function ingressReferences(rollout: Rollout): readonly NamedReference[] {
  const routing = rollout.spec.strategy?.canary?.trafficRouting;
  const field = 'spec.strategy.canary.trafficRouting';
  return given([
    [`${field}.nginx.stableIngress`, routing?.nginx?.stableIngress],
    ...(routing?.nginx?.stableIngresses ?? []).map(
      (name, index) => [`${field}.nginx.stableIngresses[${index}]`, name] as const,
    ),
    [`${field}.alb.ingress`, routing?.alb?.ingress],
  ]);
}

function given(references: readonly (readonly [string, string | undefined])[]): readonly NamedReference[] {
  return references.flatMap(([field, name]) => (name === undefined || name === '' ? [] : [[field, name] as const]));
}

function serviceProblems(
  rollout: Rollout,
  objects: readonly KubeObject[],
  field: string,
  name: string,
): readonly ReferenceProblem[] {
  const service: Service | undefined = find(objects, 'Service', name);
  if (service === undefined) return misspelt(objects, 'Service', field, name);
  const labels = rollout.spec.template?.metadata?.labels;
  if (labels === undefined) return [];
  const stray = Object.entries(service.spec?.selector ?? {}).find(
    ([key, value]) => key !== POD_TEMPLATE_HASH_LABEL && labels[key] !== value,
  );
  if (stray === undefined) return [];
  const [key, value] = stray;
  const reason = `Service "${name}" selects ${key}=${value}, which pods of this Rollout do not carry`;
  return [{ field, reason, remedy: `make spec.selector of Service/${name} and spec.template.metadata.labels agree` }];
}

function ingressProblems(
  rollout: Rollout,
  objects: readonly KubeObject[],
  field: string,
  name: string,
): readonly ReferenceProblem[] {
  const ingress: Ingress | undefined = find(objects, 'Ingress', name);
  if (ingress === undefined) return misspelt(objects, 'Ingress', field, name);
  const { rootService, stableService } = backendServices(rollout);
  const wanted = rootService ?? stableService;
  if (wanted === undefined) return [];
  const backends = backendsOf(ingress);
  if (backends.includes(wanted)) return [];
  const there = backends.length === 0 ? 'it has no rules' : `its rules use ${[...new Set(backends)].join(', ')}`;
  const reason = `Ingress "${name}" has no rules using service ${wanted} backend: ${there}`;
  return [{ field, reason, remedy: `add a rule with backend service ${wanted} to Ingress/${name}` }];
}

function backendServices(rollout: Rollout): { readonly rootService?: string; readonly stableService?: string } {
  const canary = rollout.spec.strategy?.canary;
  const rootService = canary?.trafficRouting?.alb?.rootService;
  const stableService = canary?.stableService;
  return {
    ...(rootService === undefined ? {} : { rootService }),
    ...(stableService === undefined ? {} : { stableService }),
  };
}

function backendsOf({ spec }: Ingress): readonly string[] {
  const paths = (spec?.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
  return paths.flatMap(({ backend }) => (backend.service === undefined ? [] : [backend.service.name]));
}

function analysisReferences(rollout: Rollout): readonly (readonly [field: string, analysis: RolloutAnalysis])[] {
  const { canary, blueGreen } = rollout.spec.strategy ?? {};
  const steps = (canary?.steps ?? []).map(
    ({ analysis }, index) => [`spec.strategy.canary.steps[${index}].analysis`, analysis] as const,
  );
  const candidates = [
    ['spec.strategy.canary.analysis', canary?.analysis] as const,
    ...steps,
    ['spec.strategy.blueGreen.prePromotionAnalysis', blueGreen?.prePromotionAnalysis] as const,
    ['spec.strategy.blueGreen.postPromotionAnalysis', blueGreen?.postPromotionAnalysis] as const,
  ];
  return candidates.flatMap(([field, analysis]) => (analysis === undefined ? [] : [[field, analysis] as const]));
}

/** What would keep the run from starting, when all its templates are in the input. */
function templateProblems(
  objects: readonly KubeObject[],
  field: string,
  analysis: RolloutAnalysis,
): readonly ReferenceProblem[] {
  const refs = analysis.templates ?? [];
  const misspellings = refs.flatMap(({ templateName = '', clusterScope }, index) => {
    const kind = clusterScope === true ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate';
    if (find(objects, kind, templateName) !== undefined) return [];
    return misspelt(objects, kind, `${field}.templates[${index}].templateName`, templateName);
  });
  // Where a value comes from does not matter here, only that there is one.
  const args = (analysis.args ?? []).map(({ name, value }) => ({ name, value: value ?? '' }));
  const built = buildRunSpec({ refs, templates: templatesIn(objects), args, dryRun: analysis.dryRun ?? [] });
  if (built.kind !== 'problems') return misspellings;
  return [...misspellings, ...built.problems.map((reason) => ({ field, reason }))];
}

function templatesIn(objects: readonly KubeObject[]): ReadonlyMap<string, AnalysisTemplate> {
  const templates = objects.filter(({ kind }) => kind === 'AnalysisTemplate' || kind === 'ClusterAnalysisTemplate');
  return new Map(
    templates.map((object) => {
      const clusterScope = object.kind === 'ClusterAnalysisTemplate';
      return [templateKey(nameOf(object), clusterScope), object as AnalysisTemplate];
    }),
  );
}

function find(objects: readonly KubeObject[], kind: string, name: string): KubeObject | undefined {
  return objects.find((object) => object.kind === kind && nameOf(object) === name);
}

/** A name that is not in the input, though one that is nearly the same is. */
function misspelt(
  objects: readonly KubeObject[],
  kind: string,
  field: string,
  name: string,
): readonly ReferenceProblem[] {
  const names = objects.filter((object) => object.kind === kind).map(nameOf);
  const meant = closestWord(name, names);
  if (meant === undefined) return [];
  const reason = `there is no ${kind} "${name}" in the input; did you mean "${meant}"?`;
  return [{ field, reason, remedy: `if ${kind}/${name} exists, lint it together with this Rollout` }];
}
