import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { moduleFolder } from '../../src/sandbox/components/component-cache.ts';
import { useBareControlPlane } from './support/bare-control-plane.ts';
import { lacking } from './support/machine.ts';

const missing = lacking('etcd', 'kubernetes');
const PLURALS = ['rollouts', 'analysisruns', 'analysistemplates', 'clusteranalysistemplates', 'experiments'];
const GROUP = 'argoproj.io';
const ESTABLISHED = PLURALS.map((plural) => `crd/${plural}.${GROUP}`);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// oxlint-disable-next-line typescript/no-explicit-any
type Manifest = any;

describe.skipIf(missing !== undefined)('our CustomResourceDefinitions on a real API server', () => {
  const controlPlane = useBareControlPlane();
  const kubectl = (...args: readonly string[]): Promise<string> => controlPlane().kubectl(args);
  const feed = (input: string, ...args: readonly string[]): Promise<string> => controlPlane().kubectl(args, input);
  const established = (): Promise<string> =>
    kubectl('wait', '--for=condition=Established', '--timeout=30s', ...ESTABLISHED);

  it('are applied by the client, without a difference the second time', async () => {
    expect(lines(await kubectl('apply', '-f', 'crds'))).toEqual(endings('created'));
    expect(lines(await kubectl('apply', '-f', 'crds'))).toEqual(endings('unchanged'));
    expect(await kubectl('diff', '-f', 'crds')).toBe('');
    await established();
    // Examples of notifications are for the controller's own namespace.
    await kubectl('create', 'namespace', 'argo-rollouts');
  });

  it('are taken over by server-side apply', async () => {
    expect(lines(await kubectl('apply', '--server-side', '-f', 'crds'))).toEqual(endings('serverside-applied'));
    expect(await kubectl('diff', '--server-side', '-f', 'crds')).toBe('');
    expect(await generations()).toEqual(PLURALS.map(() => 1));
    await established();
  });

  const generations = async (): Promise<number[]> => {
    const path = '{range .items[*]}{.metadata.generation}{"\\n"}{end}';
    return lines(await kubectl('get', ...ESTABLISHED, '-o', `jsonpath=${path}`)).map(Number);
  };

  it.each([
    ['rollout.spec.strategy.canary.steps', ['setWeight', 'pause', 'analysis', 'setCanaryScale']],
    ['rollout.spec.strategy.blueGreen', ['activeService', 'previewService', 'autoPromotionEnabled']],
    ['rollout.status.canary', ['weights', 'currentStepAnalysisRunStatus']],
    ['analysistemplate.spec.metrics.provider.prometheus', ['address', 'query', 'timeout']],
    ['analysisrun.status.metricResults', ['measurements', 'consecutiveError', 'phase']],
    ['experiment.spec.templates', ['replicas', 'selector', 'template']],
  ])('explain %s', async (path, fields) => {
    const text = await kubectl('explain', path, '--recursive');
    for (const field of fields) expect(text).toMatch(new RegExp(`^\\s+${field}\\s+<`, 'm'));
  });

  it.each(manifestFiles())('accepts %s as it is', async (file) => {
    const text = await kubectl('apply', '--dry-run=server', '--validate=strict', '-f', file);
    for (const line of lines(text)) expect(line).toMatch(/ (created|configured|unchanged) \(server dry run\)$/);
  });

  describe('a Rollout', () => {
    it('is waited for, scaled and read by kubectl', async () => {
      await feed(stringify(rollout('shop')), 'create', '-f', '-');
      const times = { lastUpdateTime: NOW, lastTransitionTime: NOW };
      const conditions = [{ type: 'Available', status: 'True', reason: 'AvailableReason', message: '', ...times }];
      const status = { phase: 'Healthy', conditions, observedGeneration: '1', selector: 'app=shop', HPAReplicas: 1 };
      const patch = JSON.stringify({ status });
      await kubectl('patch', 'rollout', 'shop', '--subresource=status', '--type=merge', '-p', patch);
      await kubectl('wait', '--for=condition=Available', '--timeout=5s', 'rollout/shop');
      await kubectl('wait', '--for=jsonpath={.status.phase}=Healthy', '--timeout=5s', 'rollout/shop');
      await kubectl('scale', 'rollout/shop', '--replicas=4', '--current-replicas=2');
      const read = '{.spec.replicas} {.metadata.generation} {.status.observedGeneration} {.status.phase}';
      expect(await kubectl('get', 'ro', 'shop', '-o', `jsonpath=${read}`)).toBe('4 2 1 Healthy');
      const scale = JSON.parse(await kubectl('get', '--raw', `${rawPath('rollouts')}/shop/scale`));
      expect(scale).toMatchObject({ spec: { replicas: 4 }, status: { replicas: 1, selector: 'app=shop' } });
    });

    it('keeps its status apart, an AnalysisRun and an Experiment do not', async () => {
      await kubectl('patch', 'rollout', 'shop', '--type=merge', '-p', '{"status":{"phase":"Degraded"}}');
      expect(await kubectl('get', 'rollout', 'shop', '-o', 'jsonpath={.status.phase}')).toBe('Healthy');
      const run = { apiVersion: `${GROUP}/v1alpha1`, kind: 'AnalysisRun', metadata: { name: 'shop' }, spec: METRICS };
      await feed(stringify(run), 'create', '-f', '-');
      await kubectl('patch', 'analysisrun', 'shop', '--type=merge', '-p', '{"status":{"phase":"Successful"}}');
      expect(await kubectl('get', 'ar', 'shop', '-o', 'jsonpath={.status.phase}')).toBe('Successful');
      for (const kind of ['analysisrun', 'experiment']) {
        const patch = kubectl('patch', kind, 'shop', '--subresource=status', '--type=merge', '-p', '{"status":{}}');
        await expect(patch).rejects.toThrow('not found');
      }
    });

    it('with a mistake is refused with the field and the reason', async () => {
      const wrong = rollout('wrong');
      wrong.spec.strategy.canary.steps = [{ setWeight: 'ten' }];
      await expect(feed(stringify(wrong), 'create', '-f', '-')).rejects.toThrow(
        /spec\.strategy\.canary\.steps\[0\]\.setWeight.*must be of type integer/,
      );
      const misspelt = rollout('misspelt');
      misspelt.spec.strategy.canary.maxSurg = 1;
      await expect(feed(stringify(misspelt), 'create', '--validate=strict', '-f', '-')).rejects.toThrow(
        'unknown field "spec.strategy.canary.maxSurg"',
      );
    });
  });

  const upstream = lacking('argo-rollouts') === undefined ? moduleFolder('argo-rollouts') : undefined;
  it.skipIf(upstream === undefined)('replace those of Argo Rollouts and back, and nothing is lost', async () => {
    const folder = upstream ?? '';
    const install = async (...files: readonly string[]): Promise<void> => {
      await kubectl('apply', '--server-side', '--force-conflicts', ...files.flatMap((file) => ['-f', file]));
      await established();
    };
    const theirs = manifestsIn(join(folder, 'manifests/crds')).filter((file) => file.endsWith('-crd.yaml'));
    const objects = async (): Promise<unknown> => {
      const list = JSON.parse(await kubectl('get', PLURALS.join(','), '-A', '-o', 'json')) as { items: Manifest[] };
      return list.items.map(withoutVersions);
    };
    const headers = (): Promise<string[]> =>
      Promise.all(PLURALS.map(async (plural) => (await kubectl('get', plural)).split('\n')[0]?.trimEnd() ?? ''));
    // An empty list of subresources, as theirs have, is none.
    const subresources = async (): Promise<unknown> => {
      const { items } = JSON.parse(await kubectl('get', ...ESTABLISHED, '-o', 'json')) as { items: Manifest[] };
      return items.map(({ metadata, spec }) => [metadata.name, spec.versions[0].subresources ?? {}]);
    };

    await install(...theirs);
    const manifests = theirExamples(join(folder, 'examples'));
    expect(manifests.length).toBeGreaterThan(10);
    await feed(manifests.map((manifest) => stringify(manifest)).join('---\n'), 'apply', '-f', '-');
    const status = { phase: 'Healthy', currentPodHash: 'abc', canary: { weights: WEIGHTS }, pauseConditions: PAUSES };
    const patch = JSON.stringify({ status });
    for (const name of names(manifests, 'Rollout')) {
      await kubectl('patch', 'rollout', name, '--subresource=status', '--type=merge', '-p', patch);
    }
    const before = { objects: await objects(), headers: await headers(), subresources: await subresources() };

    await install('crds');
    const ours = { objects: await objects(), headers: await headers(), subresources: await subresources() };
    expect(ours.objects).toEqual(before.objects);
    expect(ours.subresources).toEqual(before.subresources);
    expect(ours.headers).toEqual(before.headers);

    // A write stores what our schemas let through.
    await kubectl('annotate', PLURALS.join(','), '--all', 'touched=yes');
    await kubectl('annotate', PLURALS.join(','), '--all', 'touched-');
    await install(...theirs);
    expect(await objects()).toEqual(before.objects);
    await install('crds');
  });
});

const METRICS = { metrics: [{ name: 'm', provider: { prometheus: { address: 'http://p:9090', query: '1' } } }] };
const WEIGHTS = {
  canary: { weight: 10, serviceName: 'c', podTemplateHash: 'abc' },
  stable: { weight: 90, serviceName: 's', podTemplateHash: 'def' },
};
const NOW = '2026-01-01T00:00:00Z';
const PAUSES = [{ reason: 'CanaryPauseStep', startTime: NOW }];

function rollout(name: string): Manifest {
  const labels = { app: name };
  return {
    apiVersion: `${GROUP}/v1alpha1`,
    kind: 'Rollout',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a:1' }] } },
      strategy: { canary: { steps: [{ setWeight: 10 }, { pause: {} }] } },
    },
  };
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function endings(word: string): unknown[] {
  return PLURALS.map(() => expect.stringMatching(new RegExp(`\\.${GROUP} ${word}$`)));
}

function rawPath(plural: string): string {
  return `/apis/${GROUP}/v1alpha1/namespaces/default/${plural}`;
}

function manifestsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function manifestFiles(): string[] {
  const folders = readdirSync(join(ROOT, 'examples')).map((name) => join('examples', name));
  return ['analysis', ...folders].flatMap((folder) =>
    manifestsIn(join(ROOT, folder)).map((file) => file.slice(ROOT.length)),
  );
}

/** Their examples of the kinds in question, each name once. */
function theirExamples(folder: string): Manifest[] {
  const all = manifestsIn(folder)
    .flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')).map((document): Manifest => document.toJS()))
    .filter((manifest) => manifest?.apiVersion === `${GROUP}/v1alpha1` && manifest.metadata?.name !== undefined)
    .map((manifest) => ({ ...manifest, metadata: { ...manifest.metadata, namespace: undefined } }));
  return [...new Map(all.map((manifest) => [`${manifest.kind}/${manifest.metadata.name}`, manifest])).values()];
}

function names(manifests: readonly Manifest[], kind: string): string[] {
  return manifests.filter((manifest) => manifest.kind === kind).map((manifest) => manifest.metadata.name);
}

function withoutVersions({ metadata, ...object }: Manifest): unknown {
  const { resourceVersion: _version, managedFields: _fields, ...rest } = metadata;
  return { ...object, metadata: rest };
}
