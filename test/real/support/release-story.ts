import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, vi } from 'vitest';
import type { KubeObject, PodSpec } from '../../../src/api/core-types.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { ROLLOUTS } from '../../../src/kube/resources.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { countByVersion, countLost, countRequests, shareDuring } from '../../../src/sandbox/demo/measurements.ts';
import { Load } from '../../../src/sandbox/load/load.ts';
import type { Child, ProcessGroup } from '../../../src/sandbox/process-group.ts';
import { behindNginx, INGRESS_CLASS, manifestOf } from './applications.ts';
import { isHealthy, isPausedAt } from './hand-over.ts';
import { sampleNetwork, sampleRollout } from './sample.ts';
import type { Until } from './until.ts';

/** A cluster that the story below can be told on: Kubernetes, a proxy that reads Ingresses, and a way to run pods. */
export interface StoryCluster {
  readonly processes: ProcessGroup;
  readonly kubeconfig: string;
  /** Runs kubectl as administrator and gives what it prints. @throws Error with its standard error */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  readonly until: Until;
  readonly startController: () => Child;
  /** Where users' requests go. */
  readonly url: string;
  /** How long the proxy may act on the weight before. */
  readonly propagationMs: number;
  /** The pod of a version of the sample application. */
  readonly pod: (version: string) => PodSpec;
  /** What such pods need. */
  readonly objects: readonly KubeObject[];
}

const NAME = 'shop';
const HOST = `${NAME}.example.com`;
const KEY = { namespace: 'default', name: NAME };
const PER_SECOND = 200;
/** By so many requests chance alone moves a share of one half by seven points in one of 100,000 runs. */
const REQUESTS = 1_000;
const SHARE_TOLERANCE = 7;
/** Of which not one may go astray. */
const REQUESTS_TO_ONE = 300;
const WEIGHT = 50;
const SERVED_LIMIT_MS = 300_000;
const CLI = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

/** One release that a person promotes and one that a person takes back, as tests of a file, in this order. */
export function tellRelease(cluster: () => StoryCluster): void {
  let load: Load;
  let controller: Child;
  const until = async (condition: (rollout: Rollout) => boolean): Promise<Rollout> => {
    const found = await cluster().until<Rollout>(ROLLOUTS, KEY, (shop) => shop !== undefined && condition(shop));
    if (found === undefined) throw new Error('the condition holds of no object');
    return found;
  };
  const apply = (version: string): Promise<string> => {
    const { kubectl, pod } = cluster();
    const canary = { ...behindNginx(NAME), scaleDownDelaySeconds: 5, steps: [{ setWeight: WEIGHT }, { pause: {} }] };
    return kubectl(
      ['apply', '-f', '-'],
      manifestOf([sampleRollout({ name: NAME, pod: pod(version), replicas: 2, canary })]),
    );
  };
  const linnet = async (...args: readonly string[]): Promise<void> => {
    const env = { ...process.env, KUBECONFIG: cluster().kubeconfig };
    await promisify(execFile)(process.execPath, [CLI, ...args], { env });
  };
  /** What users got of a version from now on, in percent, once enough of them have asked. */
  const shareOf = async (version: string, requests: number): Promise<number | undefined> => {
    const from = systemClock.now() + cluster().propagationMs;
    const phase = { weight: WEIGHT, from, to: undefined };
    const isEnough = (): boolean => (shareDuring(load.windows, phase, version)?.requests ?? 0) >= requests;
    await vi.waitUntil(isEnough, { timeout: SERVED_LIMIT_MS, interval: 200 });
    return shareDuring(load.windows, phase, version)?.observed;
  };

  it('brings a first version to Healthy', async () => {
    const { kubectl, objects, startController, processes, url } = cluster();
    controller = startController();
    await kubectl(['apply', '-f', '-'], manifestOf([INGRESS_CLASS, ...objects, ...sampleNetwork(NAME)]));
    await apply('v1');
    const { spec, status } = await until(isHealthy);
    expect(status?.availableReplicas).toBe(spec.replicas);
    expect(await kubectl(['get', 'rollout', NAME])).toMatch(/NAME\s+DESIRED\s+CURRENT\s+UP-TO-DATE\s+AVAILABLE\s+AGE/);
    await vi.waitUntil(() => isServed(url), { timeout: SERVED_LIMIT_MS, interval: 200 });
    load = new Load({ processes, url, host: HOST, perSecond: PER_SECOND });
  });

  it('gives a new version its share of the requests until a person promotes it', async () => {
    await apply('v2');
    await until(isPausedAt(1));
    expect(Math.abs(((await shareOf('v2', REQUESTS)) ?? 0) - WEIGHT)).toBeLessThan(SHARE_TOLERANCE);
    await linnet('promote', NAME);
    await until((rollout) => isHealthy(rollout) && rollout.status?.stableRS === rollout.status?.currentPodHash);
    expect(await shareOf('v2', REQUESTS_TO_ONE)).toBe(100);
  });

  it('takes a version back when a person says so, and no request was ever lost', async () => {
    await apply('v3');
    await until(isPausedAt(1));
    await linnet('abort', NAME);
    await until(({ status }) => status?.abort === true && status.phase === 'Degraded');
    expect(await shareOf('v2', REQUESTS_TO_ONE)).toBe(100);
    await load.stop();
    expect(countByVersion(load.windows).get('v3')?.requests).toBeGreaterThan(0);
    const lost = { requests: countLost(load.windows), reason: load.windows.find((one) => one.lost > 0)?.lostReason };
    expect({ hasAsked: countRequests(load.windows) > REQUESTS, lost }).toEqual({
      hasAsked: true,
      lost: { requests: 0, reason: undefined },
    });
    expect((await controller.stop()).code).toBe(0);
  });
}

/** A proxy answers 404 or 503 until it has read the Ingress and its endpoints. */
function isServed(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { headers: { host: HOST } }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
