import type { CanaryStrategy } from '../../../src/api/canary.ts';
import type { KubeObject } from '../../../src/api/core-types.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { network, template, web } from '../release/fixtures.ts';
import type { RolloutPlan } from './scenario.ts';

/** The value that must never be seen anywhere but in its Secret (invariant I11). */
export const SECRET_VALUE = 'hunter2-swordfish';

/** Annotations of somebody else, which have to stay (invariant I9). */
const FOREIGN = { 'example.com/owner': 'team-a' };

/** A Rollout as its owners would apply it for an image. */
export function manifestOf(plan: RolloutPlan, image: string): Rollout {
  const { name, replicas, steps } = plan;
  const rollout = web({ name, image, replicas, steps, canary: canaryOf(plan), spec: specOf(plan) });
  const canary = rollout.spec.strategy?.canary ?? {};
  const strategy = { canary: plan.routed ? withRouter(plan, canary) : withoutRouter(plan, canary) };
  const metadata = { ...rollout.metadata, annotations: FOREIGN };
  return { ...rollout, metadata, spec: { ...rollout.spec, strategy } };
}

function withRouter({ maxTrafficWeight }: RolloutPlan, canary: CanaryStrategy): CanaryStrategy {
  if (maxTrafficWeight === undefined) return canary;
  return { ...canary, trafficRouting: { ...canary.trafficRouting, maxTrafficWeight } };
}

/**
 * Pods stand for weight. Without surge the last old pod has to go before the last new one can come, so a stable Service,
 * which knows one version alone, would have none for a while: such a Rollout has no Services of its own.
 */
function withoutRouter({ maxSurge }: RolloutPlan, canary: CanaryStrategy): CanaryStrategy {
  const { trafficRouting: _, canaryService, stableService, ...rest } = canary;
  if (maxSurge === 0 || canaryService === undefined || stableService === undefined) return rest;
  return { ...rest, canaryService, stableService };
}

function canaryOf(plan: RolloutPlan) {
  const { name, routed, analysis, maxSurge, maxUnavailable } = plan;
  const { scaleDownDelaySeconds, abortScaleDownDelaySeconds, scaleDownDelayRevisionLimit } = plan;
  return {
    maxSurge,
    maxUnavailable,
    ...(scaleDownDelaySeconds === undefined || !routed ? {} : { scaleDownDelaySeconds }),
    ...(abortScaleDownDelaySeconds === undefined || !routed ? {} : { abortScaleDownDelaySeconds }),
    ...(scaleDownDelayRevisionLimit === undefined || !routed ? {} : { scaleDownDelayRevisionLimit }),
    ...(analysis
      ? {
          analysis: {
            templates: [{ templateName: name }],
            args: [{ name: 'app', value: name }],
          },
        }
      : {}),
  };
}

function specOf({
  progressDeadlineSeconds,
  progressDeadlineAbort,
  minReadySeconds,
  revisionHistoryLimit,
}: RolloutPlan) {
  return {
    progressDeadlineSeconds,
    ...(progressDeadlineAbort ? { progressDeadlineAbort } : {}),
    ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
    ...(revisionHistoryLimit === undefined ? {} : { revisionHistoryLimit }),
  };
}

/** What a Rollout needs besides itself. */
export function surroundingsOf(plan: RolloutPlan): readonly KubeObject[] {
  const { name, analysisInterval } = plan;
  const objects = [...network(name), ...(plan.analysis ? [secret(name), judge(name, analysisInterval)] : [])];
  return objects.map((object) => ({ ...object, metadata: { ...object.metadata, annotations: FOREIGN } }));
}

function judge(name: string, interval: string | undefined): KubeObject {
  const query = `success_rate{app="{{args.app}}",token="{{args.token}}"}`;
  const provider = { prometheus: { address: 'http://prometheus:9090', query } };
  const base = template(name, { provider, ...(interval === undefined ? {} : { interval }) });
  const token = { name: 'token', valueFrom: { secretKeyRef: { name, key: 'token' } } };
  return { ...base, spec: { ...base.spec, args: [{ name: 'app' }, token] } } as KubeObject;
}

function secret(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    data: { token: Buffer.from(SECRET_VALUE).toString('base64') },
  } as KubeObject;
}
