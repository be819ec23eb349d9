import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { KubeTransport } from '../../../src/kube/transport.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { connect } from '../../../src/sandbox/cluster-api.ts';
import { ControlPlane } from '../../../src/sandbox/control-plane/control-plane.ts';
import { ProcessGroup } from '../../../src/sandbox/process-group.ts';
import { programs } from './machine.ts';
import { runKubectl } from './run-kubectl.ts';

/** A real API server with nothing around it that would change what a test looks at: no scheduler, no workloads. */
export interface BareControlPlane {
  readonly plane: ControlPlane;
  readonly transport: KubeTransport;
  /** Runs kubectl as administrator and gives what it prints. @throws Error with its standard error */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
}

/** Those that answer to deletions; all others would write to objects of tests. */
const CONTROLLERS = 'garbage-collector-controller,namespace-controller';

/** Starts it before the tests of a file and ends it after them. */
export function useBareControlPlane(): () => BareControlPlane {
  let bare: BareControlPlane | undefined;
  const processes = new ProcessGroup();
  let folder: string | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'linnet-control-plane-'));
    const plane = await ControlPlane.start({
      processes,
      clock: systemClock,
      programs,
      folder,
      controllers: CONTROLLERS,
    });
    await plane.stopPart('kube-scheduler', 0);
    const { transport } = await connect(plane.kubeconfig, processes);
    bare = { plane, transport, kubectl: (args, input) => runKubectl(plane.kubeconfig, args, input) };
  });
  afterAll(async () => {
    await processes.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return () => {
    if (bare === undefined) throw new Error('there is no control plane before beforeAll');
    return bare;
  };
}
