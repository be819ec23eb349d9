import type { Facts } from '../facts.ts';
import { observeService, type ServiceState } from './service-state.ts';
import { observeTraffic, type TrafficState } from './traffic-state.ts';

/** The facts together with what Services and routes do now. */
export interface Situation {
  readonly facts: Facts;
  readonly canaryService: ServiceState | undefined;
  readonly stableService: ServiceState | undefined;
  readonly traffic: TrafficState;
}

export function assess(facts: Facts): Situation {
  const { canary, status } = facts;
  const canaryService = observeService(facts, canary.canaryService, status.canary?.reach?.canary);
  const stableService = observeService(facts, canary.stableService, status.canary?.reach?.stable);
  return { facts, canaryService, stableService, traffic: observeTraffic(facts, canaryService) };
}
