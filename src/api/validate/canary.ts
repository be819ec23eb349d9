import type { CanaryStrategy } from '../canary.ts';
import { maxSurgeOf, maxUnavailableOf, stepsOf } from '../defaults.ts';
import type { RolloutTrafficRouting } from '../traffic-routing.ts';
import { validateStep } from './canary-step.ts';
import { negative, type Problem, when } from './problem.ts';

const SERVICES_REQUIRED = 'Canary service and Stable service must to be set to use Traffic Routing';
const PING_PONG_ROUTERS = 'Ping-pong feature works with the ALB, Istio, and plugin-based traffic routers only';

/** Rules and quoted messages of 1.3 and 1.6 of the Argo Rollouts reference. */
export function validateCanary(canary: CanaryStrategy, field: string): readonly Problem[] {
  return [
    ...validateServices(canary, field),
    ...validateSurge(canary, field),
    ...validateWhatNeedsRouting(canary, field),
    ...validatePingPong(canary, field),
    ...(canary.trafficRouting === undefined
      ? []
      : validateTrafficRouting(canary.trafficRouting, `${field}.trafficRouting`)),
    ...validateManagedRoutes(canary, field),
    ...negative(canary.analysis?.startingStep, `${field}.analysis.startingStep`),
    ...stepsOf(canary).flatMap((_, index) => validateStep(canary, index, `${field}.steps[${index}]`)),
  ];
}

function validateServices(canary: CanaryStrategy, field: string): readonly Problem[] {
  const { canaryService = '', stableService = '', trafficRouting } = canary;
  const missing = canaryService === '' || stableService === '';
  return [
    ...when(
      canaryService !== '' && canaryService === stableService,
      `${field}.stableService`,
      `must differ from canaryService: both are ${JSON.stringify(stableService)}`,
    ),
    ...when(
      missing && trafficRouting !== undefined && needsServices(trafficRouting, canary.pingPong !== undefined),
      `${field}.${canaryService === '' ? 'canaryService' : 'stableService'}`,
      SERVICES_REQUIRED,
    ),
  ];
}

function needsServices(routing: RolloutTrafficRouting, pingPong: boolean): boolean {
  const { alb, istio, smi, apisix, ambassador, nginx, appMesh, traefik } = routing;
  const alwaysNeeding = [smi, apisix, ambassador, nginx, appMesh, traefik].some((router) => router !== undefined);
  const byHost = istio !== undefined && istio.destinationRule === undefined;
  return alwaysNeeding || (!pingPong && (alb !== undefined || byHost));
}

function validateSurge(canary: CanaryStrategy, field: string): readonly Problem[] {
  const surge = maxSurgeOf(canary);
  const unavailable = maxUnavailableOf(canary);
  const malformed = [
    ...podCountProblems(surge, `${field}.maxSurge`),
    ...podCountProblems(unavailable, `${field}.maxUnavailable`),
  ];
  const bothZero = malformed.length === 0 && isZero(surge) && isZero(unavailable);
  return [...malformed, ...when(bothZero, `${field}.maxSurge`, 'MaxSurge and MaxUnavailable both can not be zero')];
}

function podCountProblems(value: number | string, field: string): readonly Problem[] {
  const wellFormed = typeof value === 'number' ? value >= 0 : /^\d+%?$/.test(value);
  return when(!wellFormed, field, `must be a number of pods, or a percentage such as "25%": ${JSON.stringify(value)}`);
}

function isZero(value: number | string): boolean {
  return Number.parseInt(String(value), 10) === 0;
}

function validateWhatNeedsRouting(canary: CanaryStrategy, field: string): readonly Problem[] {
  const { dynamicStableScale = false, scaleDownDelaySeconds, trafficRouting } = canary;
  const routed = trafficRouting !== undefined;
  return [
    ...when(
      !routed && scaleDownDelaySeconds !== undefined,
      `${field}.scaleDownDelaySeconds`,
      'Canary scaleDownDelaySeconds can only be used with traffic routing',
    ),
    ...when(
      !routed && dynamicStableScale,
      `${field}.dynamicStableScale`,
      'Canary dynamicStableScale can only be used with traffic routing',
    ),
    ...when(
      routed && dynamicStableScale && scaleDownDelaySeconds !== undefined,
      `${field}.dynamicStableScale`,
      'Canary dynamicStableScale cannot be used with scaleDownDelaySeconds',
    ),
    ...negative(scaleDownDelaySeconds, `${field}.scaleDownDelaySeconds`),
    ...negative(canary.abortScaleDownDelaySeconds, `${field}.abortScaleDownDelaySeconds`),
  ];
}

function validatePingPong(canary: CanaryStrategy, field: string): readonly Problem[] {
  const { pingPong, trafficRouting } = canary;
  if (pingPong === undefined) return [];
  const { alb, istio, plugins } = trafficRouting ?? {};
  const { pingService, pongService } = pingPong;
  return [
    ...when(
      pingService === '' || pongService === '' || pingService === pongService,
      `${field}.pingPong`,
      'pingService and pongService must both be set, to different Services',
    ),
    ...when(
      trafficRouting !== undefined && alb === undefined && istio === undefined && plugins === undefined,
      `${field}.trafficRouting`,
      PING_PONG_ROUTERS,
    ),
    ...when(
      alb !== undefined && (alb.rootService ?? '') === '',
      `${field}.trafficRouting.alb.rootService`,
      'must be set to use pingPong',
    ),
  ];
}

function validateTrafficRouting(routing: RolloutTrafficRouting, field: string): readonly Problem[] {
  const { alb, ambassador, istio, maxTrafficWeight, nginx, plugins } = routing;
  return [
    ...when(
      maxTrafficWeight !== undefined && nginx === undefined && plugins === undefined,
      `${field}.maxTrafficWeight`,
      'Canary maxTrafficWeight in traffic routing only supported in Nginx and Plugins',
    ),
    ...when(
      maxTrafficWeight !== undefined && maxTrafficWeight < 1,
      `${field}.maxTrafficWeight`,
      'must be greater than 0',
    ),
    ...(nginx === undefined
      ? []
      : exactlyOne(`${field}.nginx`, { stableIngress: nginx.stableIngress, stableIngresses: nginx.stableIngresses })),
    ...(alb === undefined ? [] : exactlyOne(`${field}.alb`, { ingress: alb.ingress, ingresses: alb.ingresses })),
    ...(istio === undefined
      ? []
      : exactlyOne(`${field}.istio`, {
          virtualService: istio.virtualService,
          virtualServices: istio.virtualServices,
        })),
    ...when(ambassador?.mappings.length === 0, `${field}.ambassador.mappings`, 'must name at least one Mapping'),
  ];
}

function exactlyOne(field: string, choices: Readonly<Record<string, unknown>>): readonly Problem[] {
  const given = Object.values(choices).filter((value) => value !== undefined && !isEmpty(value));
  return when(given.length !== 1, field, `exactly one of ${Object.keys(choices).join(' and ')} must be set`);
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

/** Routes that steps set must be declared, because their order of precedence is. */
function validateManagedRoutes(canary: CanaryStrategy, field: string): readonly Problem[] {
  const managed = new Set((canary.trafficRouting?.managedRoutes ?? []).map(({ name }) => name));
  return stepsOf(canary).flatMap((step, index) =>
    (['setHeaderRoute', 'setMirrorRoute'] as const).flatMap((kind) => {
      const name = step[kind]?.name;
      return when(
        canary.trafficRouting !== undefined && step[kind] !== undefined && !managed.has(name ?? ''),
        `${field}.steps[${index}].${kind}.name`,
        'Steps define a route that does not exist in spec.strategy.canary.trafficRouting.managedRoutes',
      );
    }),
  );
}
