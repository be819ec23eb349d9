import type { Split } from '../data-plane.ts';

/**
 * I1, no black hole: a backend to which the data plane sends requests has at least one endpoint that the data plane knows,
 * and at least one of those really serves. Says for each backend in breach what is wrong.
 */
export function noBlackHole({ backends }: Split): readonly string[] {
  return backends
    .filter(({ share }) => share > 0)
    .flatMap(({ service, share, known, serving }) => {
      if (known === 0) return [`${service} gets ${share} and has no endpoint`];
      return serving === 0 ? [`${service} gets ${share} and all ${known} endpoints are dead`] : [];
    });
}
