import { describe, expect, it } from 'vitest';
import type { AnalysisTemplate, Argument } from '../../../src/api/analysis.ts';
import type { AnalysisTemplateRef } from '../../../src/api/rollout-analysis.ts';
import { buildRunSpec, type RunRequest } from '../../../src/core/analysis/merge-templates.ts';
import { templateKey } from '../../../src/core/rollout/observed.ts';
import { prometheusMetric } from './fixtures.ts';

type Templates = Readonly<Record<string, AnalysisTemplate['spec']>>;

/** Templates by name; a name that starts with `cluster-` is that of a ClusterAnalysisTemplate. */
function request(templates: Templates, names: readonly string[], extra: Partial<RunRequest> = {}): RunRequest {
  const byKey = Object.entries(templates).map(([name, spec]): [string, AnalysisTemplate] => [
    templateKey(name, name.startsWith('cluster-')),
    { metadata: { name }, spec },
  ]);
  return { refs: names.map(ref), templates: new Map(byKey), args: [], ...extra };
}

const ref = (name: string): AnalysisTemplateRef =>
  name.startsWith('cluster-') ? { templateName: name, clusterScope: true } : { templateName: name };
const metric = (name: string) => prometheusMetric({ name });

describe('buildRunSpec', () => {
  it('takes a template as it is', () => {
    const spec = { metrics: [metric('m')], args: [{ name: 'a', value: '1' }], dryRun: [{ metricName: 'm' }] };
    expect(buildRunSpec(request({ t: spec }, ['t']))).toEqual({ kind: 'spec', spec });
  });

  it('puts templates and the templates that they name together, each once', () => {
    const built = buildRunSpec(
      request(
        {
          a: { metrics: [metric('a')], templates: [ref('shared'), ref('cluster-c')] },
          b: { metrics: [metric('b')], templates: [ref('shared')] },
          shared: { metrics: [metric('shared')] },
          'cluster-c': { metrics: [metric('c')] },
        },
        ['a', 'b'],
      ),
    );
    expect(built.kind === 'spec' && built.spec.metrics.map(({ name }) => name)).toEqual(['a', 'shared', 'c', 'b']);
  });

  it('names what is missing', () => {
    expect(buildRunSpec(request({ t: { templates: [ref('cluster-x')] } }, ['t', 'gone']))).toEqual({
      kind: 'missing',
      templates: ['ClusterAnalysisTemplate/cluster-x', 'AnalysisTemplate/gone'],
    });
  });

  it('finds a cycle and shows it', () => {
    const templates = { a: { templates: [ref('b')] }, b: { templates: [ref('c')] }, c: { templates: [ref('b')] } };
    expect(buildRunSpec(request(templates, ['a']))).toEqual({
      kind: 'problems',
      problems: ['templates refer to themselves: AnalysisTemplate/b -> AnalysisTemplate/c -> AnalysisTemplate/b'],
    });
  });

  it.each<[string, Templates, string]>([
    [
      'a metric name',
      { a: { metrics: [metric('m')] }, b: { metrics: [metric('m')] } },
      "two metrics have the same name 'm'",
    ],
    [
      'a dry-run rule',
      { a: { dryRun: [{ metricName: '.*' }] }, b: { dryRun: [{ metricName: '.*' }] } },
      "two Dry-Run metric rules have the same metric name '.*'",
    ],
    [
      'a retention rule',
      {
        a: { measurementRetention: [{ metricName: '.*', limit: 1 }] },
        b: { measurementRetention: [{ metricName: '.*', limit: 2 }] },
      },
      "two Measurement Retention metric rules have the same metric name '.*'",
    ],
    [
      'an argument with another value',
      { a: { args: [{ name: 'x', value: '1' }] }, b: { args: [{ name: 'x', value: '2' }] } },
      "Argument `x` specified multiple times with different values: '1', '2'",
    ],
  ])('does not take %s twice', (_name, templates, problem) => {
    expect(buildRunSpec(request(templates, ['a', 'b']))).toEqual({ kind: 'problems', problems: [problem] });
  });

  describe('arguments', () => {
    const argsOf = (declared: readonly Argument[], given: readonly Argument[]) => {
      const built = buildRunSpec(request({ t: { metrics: [metric('m')], args: declared } }, ['t'], { args: given }));
      return built.kind === 'spec' ? built.spec.args : built;
    };
    const secret = { secretKeyRef: { name: 's', key: 'k' } };

    it('given win over declared defaults', () => {
      expect(argsOf([{ name: 'x', value: 'default' }], [{ name: 'x', value: 'given' }])).toEqual([
        { name: 'x', value: 'given' },
      ]);
    });

    it('that no template declares are dropped', () => {
      expect(argsOf([], [{ name: 'x', value: 'given' }])).toBeUndefined();
    });

    it('keep their Secret beside a given value', () => {
      expect(argsOf([{ name: 'x', valueFrom: secret }], [{ name: 'x', value: 'given' }])).toEqual([
        { name: 'x', value: 'given', valueFrom: secret },
      ]);
    });

    it('without any value are problems, all of them', () => {
      expect(argsOf([{ name: 'x' }, { name: 'y' }], [])).toEqual({
        kind: 'problems',
        problems: ['args.x was not resolved', 'args.y was not resolved'],
      });
    });

    it('may be declared twice when one declaration leaves the value open', () => {
      const templates = {
        a: { metrics: [metric('m')], args: [{ name: 'x' }] },
        b: { args: [{ name: 'x', value: '1' }] },
      };
      const built = buildRunSpec(request(templates, ['a', 'b']));
      expect(built).toMatchObject({ spec: { args: [{ name: 'x', value: '1' }] } });
    });
  });

  it('adds the rules of whoever asks', () => {
    const built = buildRunSpec(
      request({ t: { metrics: [metric('m')] } }, ['t'], {
        dryRun: [{ metricName: 'm' }],
        measurementRetention: [{ metricName: 'm', limit: 3 }],
      }),
    );
    expect(built).toMatchObject({
      spec: { dryRun: [{ metricName: 'm' }], measurementRetention: [{ metricName: 'm', limit: 3 }] },
    });
  });
});
