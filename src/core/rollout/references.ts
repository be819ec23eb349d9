import type { AnalysisRun } from '../../api/analysis.ts';
import type { Ingress, Service } from '../../api/core-types.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../../api/keys.ts';
import { nameOf } from '../../api/object-name.ts';
import { formatProblem } from '../../api/validate/problem.ts';
import { unsupportedFeatures } from '../../api/validate/unsupported.ts';
import { buildRunSpec } from '../analysis/merge-templates.ts';
import type { ObservedRollout } from './observed.ts';
import { ingressNames } from './references-of.ts';

/**
 * What is wrong with an object that the spec refers to. One that is `missing` may arrive with the same delivery a
 * moment later; one that is `wrong` will not mend itself.
 */
export interface ReferenceProblem {
  readonly kind: 'missing' | 'wrong';
  readonly reason: string;
}

const CANARY = 'spec.strategy.canary';

/** The first problem in Argo Rollouts' order: Services, templates, Ingresses (1.9 of its reference). */
export function checkReferences(observed: ObservedRollout): ReferenceProblem | undefined {
  const { canaryService, stableService } = observed.rollout.spec.strategy?.canary ?? {};
  return (
    checkService(observed, `${CANARY}.canaryService`, canaryService) ??
    checkService(observed, `${CANARY}.stableService`, stableService) ??
    checkTemplates(observed) ??
    checkIngresses(observed)
  );
}

function problem(kind: ReferenceProblem['kind'], field: string, value: string, why: string): ReferenceProblem {
  return { kind, reason: `${field}: Invalid value: ${JSON.stringify(value)}: ${why}` };
}

function checkService(
  observed: ObservedRollout,
  field: string,
  name: string | undefined,
): ReferenceProblem | undefined {
  if (name === undefined || name === '') return undefined;
  const service = observed.services.get(name);
  if (service === undefined) return problem('missing', field, name, `service ${JSON.stringify(name)} not found`);
  const why = whyUnfit(observed, name, service);
  return why === undefined ? undefined : problem('wrong', field, name, why);
}

function whyUnfit({ rollout }: ObservedRollout, name: string, service: Service): string | undefined {
  const labels = rollout.spec.template?.metadata?.labels ?? {};
  const stray = Object.entries(service.spec?.selector ?? {}).find(
    ([key, value]) => key !== POD_TEMPLATE_HASH_LABEL && labels[key] !== value,
  );
  if (stray !== undefined)
    return `Service ${JSON.stringify(name)} has unmatch label ${JSON.stringify(stray[0])} in rollout`;
  const manager = service.metadata.annotations?.[MANAGED_BY_ANNOTATION];
  if (manager === undefined || manager === nameOf(rollout)) return undefined;
  return `Service ${JSON.stringify(name)} is managed by another Rollout`;
}

/**
 * A run that was started keeps its own copy of the templates, so only a run still to come needs them. One that Argo
 * Rollouts started may measure what only Argo Rollouts can.
 */
function checkTemplates(observed: ObservedRollout): ReferenceProblem | undefined {
  const { rollout, templates } = observed;
  const analysis = rollout.spec.strategy?.canary?.analysis;
  const refs = analysis?.templates ?? [];
  const started = rollout.status?.canary?.currentBackgroundAnalysisRunStatus?.name;
  if (refs.length === 0) return undefined;
  const field = `${CANARY}.analysis.templates`;
  const names = refs.map(({ templateName }) => templateName ?? '').join(', ');
  const current = observed.analysisRuns.find((run) => nameOf(run) === started);
  if (current !== undefined) return checkMetrics(field, names, current);
  // Values that depend on the running Rollout do not matter here, only that there are some.
  const args = (analysis?.args ?? []).map(({ name, value }) => ({ name, value: value ?? '' }));
  const built = buildRunSpec({ refs, templates, args, dryRun: analysis?.dryRun ?? [] });
  if (built.kind === 'missing') {
    const [key = ''] = built.templates;
    const [kind = '', name = ''] = key.split('/');
    return problem('missing', field, name, `${kind} '${name}' not found`);
  }
  if (built.kind === 'problems') return problem('wrong', field, names, built.problems.join('; '));
  return checkMetrics(field, names, built);
}

function checkMetrics(field: string, names: string, { spec }: Pick<AnalysisRun, 'spec'>): ReferenceProblem | undefined {
  const [unsupported] = unsupportedFeatures('AnalysisRun', { spec });
  return unsupported && problem('wrong', field, names, formatProblem(unsupported));
}

function checkIngresses(observed: ObservedRollout): ReferenceProblem | undefined {
  const field = `${CANARY}.trafficRouting.nginx.stableIngress`;
  const service = observed.rollout.spec.strategy?.canary?.stableService ?? '';
  for (const name of ingressNames(observed.rollout)) {
    const ingress = observed.ingresses.get(name);
    if (ingress === undefined) return problem('missing', field, name, `ingress ${JSON.stringify(name)} not found`);
    if (!routesTo(ingress, service)) {
      return problem('wrong', field, name, `ingress \`${name}\` has no rules using service ${service} backend`);
    }
  }
  return undefined;
}

function routesTo(ingress: Ingress, service: string): boolean {
  const paths = (ingress.spec?.rules ?? []).flatMap((rule) => rule.http?.paths ?? []);
  return paths.some(({ backend }) => backend.service?.name === service);
}
