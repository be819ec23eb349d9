import type { RolloutSpec } from '../../../src/api/rollout.ts';

/** A spec whose only container runs another image. */
export function withImage(spec: RolloutSpec, image: string): RolloutSpec {
  const container = spec.template!.spec!.containers[0]!;
  const podSpec = { ...spec.template!.spec!, containers: [{ ...container, image }] };
  return { ...spec, template: { ...spec.template, spec: podSpec } };
}
