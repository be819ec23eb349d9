import { describe, expect, it } from 'vitest';
import type { AnalysisRun, AnalysisTemplate, Metric } from '../../../src/api/analysis.ts';
import type { Experiment } from '../../../src/api/experiment.ts';
import { validateAnalysisRun, validateAnalysisTemplate } from '../../../src/api/validate/analysis.ts';
import { validateExperiment } from '../../../src/api/validate/experiment.ts';
import { formatProblem } from '../../../src/api/validate/problem.ts';

const metric = (fields: Partial<Metric> = {}): Metric => ({
  name: 'm',
  provider: { prometheus: { query: 'up' } },
  ...fields,
});
const run = (...metrics: Metric[]): AnalysisRun => ({ metadata: {}, spec: { metrics } });
const template = (spec: AnalysisTemplate['spec']): AnalysisTemplate => ({ metadata: {}, spec });

describe('metrics that are right', () => {
  it.each<[string, Metric]>([
    ['measured once', metric()],
    ['measured for ever', metric({ interval: '1m' })],
    ['measured ten times', metric({ interval: '1m30s', count: 10, failureLimit: 3 })],
    ['numbers as text', metric({ interval: '1m', count: '10' })],
    ['arguments for numbers and durations', metric({ interval: '{{args.i}}', count: '{{args.c}}', failureLimit: -5 })],
    ['only successes in a row count', metric({ interval: '1m', failureLimit: -1, consecutiveSuccessLimit: 3 })],
  ])('%s', (_, subject) => {
    expect(validateAnalysisRun(run(subject))).toEqual([]);
  });
});

describe('metrics that are wrong', () => {
  it.each<[string, Metric]>([
    ['spec.metrics[0].interval: is not a duration such as 30s or 5m: "60"', metric({ interval: '60' })],
    [
      'spec.metrics[0].initialDelay: is not a duration such as 30s or 5m: "1 minute"',
      metric({ initialDelay: '1 minute' }),
    ],
    ['spec.metrics[0].name: must not be empty', metric({ name: '' })],
    [
      'spec.metrics[0].count: must be a whole number, or an argument such as "{{args.count}}": "many"',
      metric({ count: 'many' }),
    ],
    ['spec.metrics[0].failureLimit: failureLimit must be >= 0, or -1 to be disabled', metric({ failureLimit: -2 })],
    [
      'spec.metrics[0].failureLimit: failureLimit and consecutiveSuccessLimit cannot both be disabled',
      metric({ failureLimit: -1 }),
    ],
    ['spec.metrics[0].inconclusiveLimit: inconclusiveLimit must be >= 0', metric({ inconclusiveLimit: -1 })],
    [
      'spec.metrics[0].consecutiveErrorLimit: consecutiveErrorLimit must be >= 0',
      metric({ consecutiveErrorLimit: -1 }),
    ],
    [
      'spec.metrics[0].consecutiveSuccessLimit: consecutiveSuccessLimit must be >= 0',
      metric({ consecutiveSuccessLimit: '-1' }),
    ],
    [
      'spec.metrics[0].count: count must be >= failureLimit + consecutiveSuccessLimit',
      metric({ interval: '1m', count: 3, failureLimit: 2, consecutiveSuccessLimit: 2 }),
    ],
    [
      'spec.metrics[0].count: count must be >= inconclusiveLimit',
      metric({ interval: '1m', count: 3, inconclusiveLimit: 4 }),
    ],
    ['spec.metrics[0].interval: interval must be specified when count > 1', metric({ count: 2 })],
    ['spec.metrics[0].provider: no provider specified', metric({ provider: {} })],
    [
      'spec.metrics[0].provider: multiple providers specified: prometheus, graphite; make a metric of each',
      metric({ provider: { prometheus: { query: 'up' }, graphite: {} } }),
    ],
    [
      'spec.metrics[0].provider.prometheus.query: must not be empty',
      metric({ provider: { prometheus: { address: 'a' } } }),
    ],
    [
      'spec.metrics[0].provider.prometheus.timeout: must be greater than or equal to 0',
      metric({ provider: { prometheus: { query: 'up', timeout: -1 } } }),
    ],
  ])('%s', (expected, subject) => {
    expect(validateAnalysisRun(run(subject)).map(formatProblem)).toEqual([expected]);
    expect(validateAnalysisTemplate(template({ metrics: [subject] })).map(formatProblem)).toEqual([expected]);
  });
});

describe('templates and runs', () => {
  it('need metrics, a template also through others', () => {
    expect(validateAnalysisRun(run()).map(formatProblem)).toEqual(['spec.metrics: no metrics specified']);
    expect(validateAnalysisTemplate(template({})).map(formatProblem)).toEqual(['spec.metrics: no metrics specified']);
    expect(validateAnalysisTemplate(template({ templates: [{ templateName: 'other' }] }))).toEqual([]);
  });

  it('name nothing twice', () => {
    const subject = template({ metrics: [metric(), metric()], args: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] });
    expect(validateAnalysisTemplate(subject).map(formatProblem)).toEqual([
      "spec.metrics[1].name: duplicate name 'm'",
      "spec.args[2].name: duplicate name 'a'",
    ]);
  });

  it('keep at least one measurement', () => {
    const subject = template({ metrics: [metric()], measurementRetention: [{ metricName: 'm', limit: 0 }] });
    expect(validateAnalysisTemplate(subject).map(formatProblem)).toEqual([
      'spec.measurementRetention[0].limit: must be greater than 0',
    ]);
  });
});

describe('experiments', () => {
  const baseline = {
    name: 'baseline',
    selector: { matchLabels: { app: 'b' } },
    template: { metadata: { labels: { app: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  };
  const experiment = (spec: Partial<Experiment['spec']>): Experiment => ({
    metadata: {},
    spec: { templates: [baseline], ...spec },
  });

  it.each<[string, Experiment]>([
    ['spec.templates: must have at least one template', experiment({ templates: [] })],
    ['spec.duration: is not a duration such as 30m: "30"', experiment({ duration: '30' })],
    ["spec.templates[1].name: duplicate name 'baseline'", experiment({ templates: [baseline, baseline] })],
    [
      'spec.templates[0].selector: must not be empty: it would select every pod of the namespace',
      experiment({ templates: [{ ...baseline, selector: {} }] }),
    ],
    [
      'spec.templates[0].minReadySeconds: must not be greater than progressDeadlineSeconds, 600',
      experiment({ templates: [{ ...baseline, minReadySeconds: 601 }] }),
    ],
    [
      'spec.templates[0].template.spec: must describe the pod',
      experiment({ templates: [{ ...baseline, template: {} }] }),
    ],
  ])('%s', (expected, subject) => {
    expect(validateExperiment(experiment({}))).toEqual([]);
    expect(validateExperiment(subject).map(formatProblem)).toEqual([expected]);
  });
});
