import type { Rollout } from '../api/rollout.ts';
import { NginxRouter } from './nginx.ts';
import type { Router } from './router.ts';

export interface RouterOptions {
  /** See `NginxRouter`; undefined means its default. */
  readonly nginxPropagationMs?: number;
}

/** All routers, in the order in which Argo Rollouts reconciles them. */
export function createRouters(options: RouterOptions = {}): readonly Router[] {
  return [new NginxRouter(options.nginxPropagationMs)];
}

/** Those that the Rollout configures, in reconcile order. */
export function routersFor(routers: readonly Router[], rollout: Rollout): readonly Router[] {
  return routers.filter((router) => router.configured(rollout));
}
