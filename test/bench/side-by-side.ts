import { loadavg } from 'node:os';
import { programsOf } from '../../src/sandbox/components/component-cache.ts';
import { runInNamespace } from '../../src/sandbox/control-plane/enter-namespace.ts';
import { isInNamespace } from '../../src/sandbox/control-plane/network-namespace.ts';
import { controlPlanePrograms } from '../../src/sandbox/control-plane/real-api.ts';
import { type BenchOptions, type Figure, percentile } from './figure.ts';
import { type Cost, type Outcome, PAUSE_SECONDS, type Peer, performReleases, REPLICAS } from './peer-releases.ts';

/** What Linnet is held to beside Argo Rollouts. */
const WRITES_SHARE = 0.5;
const ABORT_TARGET_MS = 2_000;
const PAUSE_TARGET_MS = (PAUSE_SECONDS + 1) * 1_000;

const BOTH = ['--leader-elect=false', '--metricsport=0', '--healthzPort=0'];
/** A step waits until nginx has certainly acted in ours and not in Argo Rollouts; without that both do the same. */
const OURS = ['--nginx-propagation=0s', '--bind-address=127.0.0.1'];

/** The same releases through Argo Rollouts' controller and through ours, on a real control plane: its figures are the targets. */
export async function measureSideBySide(options: BenchOptions): Promise<readonly Figure[]> {
  // What has to be built is built first, since there is no network inside.
  const { 'rollouts-controller': rival = '' } = await programsOf('argo-rollouts', options.progress);
  if (!isInNamespace()) return runInNamespace(options.progress);
  const programs = await controlPlanePrograms(options.progress);
  const argo: Peer = {
    title: 'Argo Rollouts',
    agent: 'rollouts-controller/',
    command: (kubeconfig) => [rival, `--kubeconfig=${kubeconfig}`, ...BOTH],
  };
  const linnet: Peer = {
    title: 'Linnet',
    agent: 'linnet-controller/',
    command: (kubeconfig) => [...controllerCommand(options.profile), `--kubeconfig=${kubeconfig}`, ...BOTH, ...OURS],
  };
  const theirs = await performReleases(argo, programs, options);
  const ours = await performReleases(linnet, programs, options);
  const fleet = `${options.rollouts} releases at once`;
  return [
    ...compared(`a release of ${REPLICAS} replicas`, ours.release, theirs.release),
    ...compared(fleet, ours.fleet, theirs.fleet),
    ...aborts('abort of an idle controller', ours, theirs, 'idleAbortsMs'),
    ...aborts(`abort during ${fleet}`, ours, theirs, 'busyAbortsMs'),
  ];
}

/** The bundle as it is installed, or with the options of its first line and the profiler's. */
function controllerCommand(profile: string | undefined): readonly string[] {
  const bundle = 'dist/controller.mjs';
  if (profile === undefined) return [bundle];
  return [process.execPath, '--max-semi-space-size=2', '--cpu-prof', `--cpu-prof-dir=${profile}`, bundle];
}

function compared(what: string, ours: Cost, theirs: Cost): readonly Figure[] {
  const sum = ({ writes }: Cost): number => [...writes.values()].reduce((all, count) => all + count, 0);
  const resources = [...new Set([...theirs.writes.keys(), ...ours.writes.keys()])];
  const pauses = (share: number) => ({
    measured: percentile(ours.pausesMs, share),
    peer: percentile(theirs.pausesMs, share),
    unit: 'ms' as const,
  });
  return [
    {
      what: `${what}: API writes`,
      measured: sum(ours),
      peer: sum(theirs),
      unit: 'writes',
      target: Math.floor(sum(theirs) * WRITES_SHARE),
    },
    ...resources.map((resource): Figure => {
      const [measured, peer] = [ours.writes.get(resource) ?? 0, theirs.writes.get(resource) ?? 0];
      return { what: `${what}: of ${resource}`, measured, peer, unit: 'writes' };
    }),
    { what: `${what}: CPU time`, measured: ours.cpuMs, peer: theirs.cpuMs, unit: 'ms', target: theirs.cpuMs },
    { what: `${what}: resident memory afterwards`, measured: ours.memoryMb, peer: theirs.memoryMb, unit: 'MB' },
    {
      what: `${what}: first edit to last Healthy`,
      measured: ours.seconds,
      peer: theirs.seconds,
      unit: 's',
      note: `load ${loadavg()[0]?.toFixed(1)} at the end`,
    },
    { what: `${what}: pause of ${PAUSE_SECONDS} s, median of ${ours.pausesMs.length}`, ...pauses(0.5) },
    { what: `${what}: pause of ${PAUSE_SECONDS} s, longest`, ...pauses(1), target: PAUSE_TARGET_MS },
  ];
}

function aborts(
  what: string,
  ours: Outcome,
  theirs: Outcome,
  which: 'idleAbortsMs' | 'busyAbortsMs',
): readonly Figure[] {
  const at = (share: number) => ({
    measured: percentile(ours[which], share),
    peer: percentile(theirs[which], share),
    unit: 'ms' as const,
  });
  return [
    { what: `${what}: status patch → weight written, p50 of ${ours[which].length}`, ...at(0.5) },
    { what: `${what}: status patch → weight written, p99`, ...at(0.99), target: ABORT_TARGET_MS },
  ];
}
