import type { Ingress } from '../../api/core-types.ts';
import { NGINX_ANNOTATION_PREFIX, NGINX_CANARY, NGINX_CANARY_WEIGHT } from '../../api/keys.ts';
import type { NginxReload } from '../nginx/nginx-ingress.ts';

/** A time in which nginx sent one share of the requests to the canary. Milliseconds since the epoch. */
export interface WeightPhase {
  /** 0 to 100. */
  readonly weight: number;
  /** Every worker went by this weight from then on. */
  readonly from: number;
  /** The next weight was written; undefined: it still holds. */
  readonly to: number | undefined;
}

/** The phases of the canary's weight, one per change of it. Reloads for other reasons are part of a phase. */
export function withReload(phases: readonly WeightPhase[], reload: NginxReload): readonly WeightPhase[] {
  const weight = canaryWeight(reload.ingresses);
  const last = phases.at(-1);
  if (last?.weight === weight) return phases;
  const closed = last === undefined ? [] : [{ ...last, to: reload.began }];
  return [...phases.slice(0, -1), ...closed, { weight, from: reload.at, to: undefined }];
}

/** The weight of the one canary Ingress; 0 without one. */
function canaryWeight(ingresses: readonly Ingress[]): number {
  const annotation = (ingress: Ingress, name: string) =>
    ingress.metadata.annotations?.[`${NGINX_ANNOTATION_PREFIX}/${name}`];
  const canary = ingresses.find((ingress) => annotation(ingress, NGINX_CANARY) === 'true');
  return canary === undefined ? 0 : Number(annotation(canary, NGINX_CANARY_WEIGHT) ?? 0);
}
