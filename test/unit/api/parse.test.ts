import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../../src/api/parse.ts';
import { formatProblem } from '../../../src/api/validate/problem.ts';

const HEAD = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { name: 'web' } };

function problems(manifest: unknown): readonly string[] {
  const parsed = parseManifest('Rollout', manifest);
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
}

function warnings(spec: object): readonly string[] {
  return parseManifest('Rollout', { ...HEAD, spec }).warnings.map(formatProblem);
}

describe('what is refused', () => {
  it.each<[string, unknown]>([
    ['must be an object, not null', null],
    ['must be an object, not a list', []],
    ['must be an object, not "a string"', 'a string'],
    ['kind: must be Rollout, not "Deployment"', { ...HEAD, kind: 'Deployment', spec: {} }],
    ['apiVersion: must be argoproj.io/v1alpha1, not "apps/v1"', { ...HEAD, apiVersion: 'apps/v1', spec: {} }],
    ['spec: is required', HEAD],
    ['spec: is required', { ...HEAD, spec: null }],
    ['metadata: is required', { apiVersion: HEAD.apiVersion, kind: HEAD.kind, spec: {} }],
    [
      'metadata.labels["a.b/c"]: must be a string, not 1; quote it',
      { ...HEAD, metadata: { labels: { 'a.b/c': 1 } }, spec: {} },
    ],
    ['spec.replicas: must be a number, not "3"; remove the quotes', { ...HEAD, spec: { replicas: '3' } }],
    ['spec.replicas: must be a whole number, not 1.5', { ...HEAD, spec: { replicas: 1.5 } }],
    ['spec.replicas: is out of range: 4294967296', { ...HEAD, spec: { replicas: 4_294_967_296 } }],
    ['spec.paused: must be true or false, not "true"; remove the quotes', { ...HEAD, spec: { paused: 'true' } }],
    [
      'spec.strategy.canary.steps: must be a list, not an object',
      { ...HEAD, spec: { strategy: { canary: { steps: {} } } } },
    ],
    [
      'spec.strategy.canary.steps[1].pause.duration: must be a number or a string, not true',
      { ...HEAD, spec: { strategy: { canary: { steps: [{}, { pause: { duration: true } }] } } } },
    ],
    [
      'spec.strategy.canary.steps[0].pause.onTimeout: must be one of hold, abort, promote, not "wait"',
      { ...HEAD, spec: { strategy: { canary: { steps: [{ pause: { onTimeout: 'wait' } }] } } } },
    ],
    ['spec.strategy.blueGreen.activeService: is required', { ...HEAD, spec: { strategy: { blueGreen: {} } } }],
    [
      'spec.template.spec.containers[0].env[0].value: must be a string, not 8080; quote it',
      { ...HEAD, spec: { template: { spec: { containers: [{ name: 'a', env: [{ name: 'PORT', value: 8080 }] }] } } } },
    ],
    ['status.currentPodHash: must be a string, not 3; quote it', { ...HEAD, spec: {}, status: { currentPodHash: 3 } }],
  ])('%s', (expected, manifest) => {
    expect(problems(manifest).filter((line) => !/^(kind|apiVersion): .* missing$/.test(line))).toEqual([expected]);
  });

  it('is said all at once, without repeating long texts', () => {
    expect(problems({ ...HEAD, spec: { replicas: 'x'.repeat(60), paused: 1, minReadySeconds: [] } })).toEqual([
      'spec.replicas: must be a number, not a string of 60 characters',
      'spec.minReadySeconds: must be a number, not a list',
      'spec.paused: must be true or false, not 1',
    ]);
  });
});

describe('unknown fields', () => {
  it('are warned of, with what was probably meant', () => {
    expect(
      warnings({
        strategie: {},
        template: { spec: { containers: [{ name: 'a', imag: 'x', resources: { limit: {} } }] } },
        strategy: { canary: { steps: [{ setweight: 5 }, { puase: {} }], somethingElse: 1 } },
      }),
    ).toEqual([
      'spec.strategie: unknown field; did you mean strategy?',
      'spec.template.spec.containers[0].imag: unknown field; did you mean image?',
      'spec.template.spec.containers[0].resources.limit: unknown field; did you mean limits?',
      'spec.strategy.canary.steps[0].setweight: unknown field; did you mean setWeight?',
      'spec.strategy.canary.steps[1].puase: unknown field; did you mean pause?',
      'spec.strategy.canary.somethingElse: unknown field',
    ]);
  });

  it('are fine where anything goes', () => {
    expect(
      warnings({
        template: {
          metadata: { creationTimestamp: null },
          spec: { containers: [], volumes: [{ name: 'a', csi: { driver: 'x' } }], nodeSelector: { any: 'label' } },
        },
        strategy: {
          canary: {
            trafficRouting: { plugins: { a: { b: 1 } } },
            steps: [{ plugin: { name: 'a', config: { c: 1 } } }],
          },
        },
      }),
    ).toEqual([]);
  });

  it('do not make a manifest wrong', () => {
    expect(parseManifest('Rollout', { ...HEAD, spec: { strategie: {} } }).ok).toBe(true);
  });
});

describe('nulls', () => {
  const manifest = {
    ...HEAD,
    spec: {
      replicas: null,
      template: {
        metadata: { creationTimestamp: null, labels: { a: null, b: 'c' } },
        spec: {
          affinity: null,
          containers: [{ name: 'a', env: null, future: null }],
          volumes: [{ name: 'v', nfs: null }],
        },
      },
      strategy: { canary: { steps: [{ pause: null, setWeight: 5 }, { plugin: { name: 'p', config: { x: null } } }] } },
    },
  };

  it('of known fields are dropped, as the API server does, and others kept', () => {
    const before = structuredClone(manifest);
    const parsed = parseManifest('Rollout', manifest);
    expect(parsed).toEqual({
      ok: true,
      warnings: [],
      value: {
        ...HEAD,
        spec: {
          template: {
            metadata: { creationTimestamp: null, labels: { b: 'c' } },
            spec: { containers: [{ name: 'a', future: null }], volumes: [{ name: 'v', nfs: null }] },
          },
          strategy: { canary: { steps: [{ setWeight: 5 }, { plugin: { name: 'p', config: { x: null } } }] } },
        },
      },
    });
    expect(manifest).toEqual(before);
  });

  it('in lists are refused', () => {
    expect(problems({ ...HEAD, spec: { strategy: { canary: { steps: [null] } } } })).toEqual([
      'spec.strategy.canary.steps[0]: must be an object, not null',
    ]);
  });
});
