import { describe } from 'vitest';
import { useK3s } from './support/k3s-cluster.ts';
import { lackingContainers } from './support/machine.ts';
import { tellRelease } from './support/release-story.ts';

/** The story of control-plane.test.ts on a cluster that is nothing of ours: k3s with the Traefik that comes with it. */
describe.skipIf(lackingContainers() !== undefined)('the controller on k3s', () => {
  tellRelease(useK3s());
});
