import { ANALYSIS_MUTATIONS } from './list/analysis.ts';
import { CACHE_MUTATIONS } from './list/caches.ts';
import { ORDER_MUTATIONS } from './list/orders.ts';
import { SCALING_MUTATIONS } from './list/scaling.ts';
import { STEP_MUTATIONS } from './list/steps.ts';
import { TRAFFIC_MUTATIONS } from './list/traffic.ts';
import { WRITE_MUTATIONS } from './list/writes.ts';
import type { Mutation } from './mutation.ts';

/** Bugs of the kind that hurt in production, each with the net that finds it. */
export const MUTATIONS: readonly Mutation[] = [
  ...TRAFFIC_MUTATIONS,
  ...SCALING_MUTATIONS,
  ...STEP_MUTATIONS,
  ...ANALYSIS_MUTATIONS,
  ...ORDER_MUTATIONS,
  ...WRITE_MUTATIONS,
  ...CACHE_MUTATIONS,
];
