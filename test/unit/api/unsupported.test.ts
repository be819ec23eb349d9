import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/api/validate/problem.ts';
import { unsupportedFeatures } from '../../../src/api/validate/unsupported.ts';
import { fixture } from './manifests.ts';

describe('features that are not acted on yet', () => {
  it('are named, each at its field', () => {
    const fields = unsupportedFeatures('Rollout', fixture('Rollout', 'rollout-canary.yaml')).map(({ field }) => field);
    const canary = 'spec.strategy.canary';
    expect(fields).toEqual([
      'spec.workloadRef',
      'spec.rollbackWindow',
      `${canary}.steps[9].experiment`,
      `${canary}.steps[8].analysis`,
      ...[5, 6, 7].map((index) => `${canary}.steps[${index}].setCanaryScale`),
      ...[10, 12].map((index) => `${canary}.steps[${index}].setHeaderRoute`),
      `${canary}.steps[11].setMirrorRoute`,
      `${canary}.steps[13].plugin`,
      ...['alb', 'istio', 'smi', 'ambassador', 'appMesh', 'traefik', 'apisix', 'plugins'].map(
        (router) => `${canary}.trafficRouting.${router}`,
      ),
      ...['dynamicStableScale', 'pingPong', 'canaryMetadata', 'stableMetadata', 'antiAffinity'].map(
        (field) => `${canary}.${field}`,
      ),
      `${canary}.minPodsPerReplicaSet`,
      `${canary}.replicaProgressThreshold`,
    ]);
  });

  it('say what to do instead', () => {
    const [problem] = unsupportedFeatures('Rollout', fixture('Rollout', 'rollout-blue-green.yaml'));
    expect(formatProblem(problem!)).toBe(
      'spec.strategy.blueGreen: blue-green is not supported by this version of Linnet; use strategy.canary or keep this Rollout on Argo Rollouts',
    );
  });

  it('of metrics are every provider but Prometheus, and two ways to authenticate', () => {
    const template = fixture('AnalysisTemplate', 'fixtures/analysis-template.yaml');
    const fields = unsupportedFeatures('AnalysisTemplate', template).map(({ field }) => field);
    expect(fields).toHaveLength(template.spec.metrics!.length + 1);
    expect(fields).toContain('spec.metrics[0].provider.prometheus.authentication.sigv4');
    expect(fields).toContain('spec.metrics[0].provider.prometheus.authentication.oauth2');
    expect(fields).not.toContain('spec.metrics[0].provider.prometheus');
  });

  it('include Experiments as a whole', () => {
    expect(unsupportedFeatures('Experiment', fixture('Experiment', 'experiment.yaml')).map(formatProblem)).toEqual([
      'spec: an Experiment is not supported by this version of Linnet; keep it on Argo Rollouts',
    ]);
  });

  it('do not count when they are switched off or empty', () => {
    const off = {
      spec: {
        rollbackWindow: {},
        strategy: {
          canary: { dynamicStableScale: false, canaryMetadata: {}, antiAffinity: {}, steps: [{ pause: {} }] },
        },
      },
    };
    expect(unsupportedFeatures('Rollout', off)).toEqual([]);
    const emptyAuthentication = {
      spec: { metrics: [{ provider: { prometheus: { authentication: { sigv4: {}, oauth2: {} } } } }] },
    };
    expect(unsupportedFeatures('AnalysisRun', emptyAuthentication)).toEqual([]);
  });

  it('count when an empty object asks for them', () => {
    const smi = { spec: { strategy: { canary: { trafficRouting: { smi: {} } } } } };
    expect(unsupportedFeatures('Rollout', smi)).toHaveLength(1);
  });
});
