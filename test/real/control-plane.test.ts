import { describe } from 'vitest';
import { lacking } from './support/machine.ts';
import { useRealCluster } from './support/real-cluster.ts';
import { tellRelease } from './support/release-story.ts';
import { samplePod } from './support/sample.ts';

const missing = lacking('etcd', 'kubernetes');

describe.skipIf(missing !== undefined)('the controller on a real API server', () => {
  const cluster = useRealCluster();
  tellRelease(() => ({
    ...cluster(),
    startController: () => cluster().controller(),
    url: cluster().nginxUrl,
    propagationMs: 2_000,
    pod: (version) => samplePod(`linnet.dev/sample-app:${version}`),
    objects: [],
  }));
});
