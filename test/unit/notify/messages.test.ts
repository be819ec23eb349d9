import { describe, expect, test } from 'vitest';
import type { AnalysisRun } from '../../../src/api/analysis.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { BUNDLED_TEMPLATES } from '../../../src/core/notify/catalogue.ts';
import { failureOf } from '../../../src/core/notify/failure.ts';
import {
  compileNotification,
  type NotificationTemplate,
  renderNotification,
} from '../../../src/core/notify/template.ts';
import { currentRuns, templateVariables } from '../../../src/core/notify/variables.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

interface RunOptions {
  readonly name?: string;
  readonly phase?: 'Failed' | 'Error' | 'Inconclusive' | 'Successful';
  readonly value?: string;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly message?: string;
  readonly createdAt?: string;
  readonly revision?: string;
}

function runWith({
  name = 'run-1',
  phase = 'Failed',
  value,
  message,
  createdAt,
  revision = '2',
  ...conditions
}: RunOptions): AnalysisRun {
  const measurement = {
    phase,
    ...(value === undefined ? {} : { value }),
    ...(message === undefined ? {} : { message }),
  };
  return {
    metadata: {
      name,
      labels: { 'rollouts-pod-template-hash': 'abc' },
      annotations: { 'rollout.argoproj.io/revision': revision },
      creationTimestamp: createdAt ?? '2026-01-01T00:00:00Z',
    },
    spec: {
      metrics: [
        { name: 'fine', provider: {} },
        { name: 'errors', provider: {}, ...conditions },
      ],
    },
    status: {
      phase,
      metricResults: [
        { name: 'dry', phase, dryRun: true },
        { name: 'fine', phase: 'Successful' },
        { name: 'errors', phase, measurements: [{ phase: 'Successful', value: '[0]' }, measurement] },
      ],
    },
  };
}

describe('the measurement that ended an analysis', () => {
  test.each<[RunOptions, object]>([
    [
      { value: '[0.20000000000000001]', successCondition: 'result[0] < 0.05' },
      { value: '0.2', relation: 'does not meet', condition: 'successCondition: result[0] < 0.05' },
    ],
    [
      { value: '0.123456789', successCondition: 'a', failureCondition: 'result > 0.1' },
      { value: '0.123457', relation: 'meets', condition: 'failureCondition: result > 0.1' },
    ],
    [
      { phase: 'Inconclusive', value: '[1,2]', successCondition: 's', failureCondition: 'f' },
      { value: '[1,2]', relation: 'meets neither', condition: 'successCondition: s; failureCondition: f' },
    ],
    [
      { phase: 'Error', successCondition: 's', message: 'no data' },
      { value: '', relation: '', condition: '', message: 'no data' },
    ],
  ])('%j', (options, expected) => {
    expect(failureOf([runWith({ name: 'good', phase: 'Successful' }), runWith(options)])).toMatchObject({
      run: 'run-1',
      metric: 'errors',
      ...expected,
    });
  });

  test('there is none where every run succeeded', () => {
    expect(failureOf([runWith({ phase: 'Successful' })])).toBeUndefined();
  });
});

const ROLLOUT: Rollout = {
  metadata: { name: 'web', namespace: 'shop', annotations: { 'rollout.argoproj.io/revision': '2' } },
  spec: { strategy: { canary: { steps: [{ setWeight: 5 }, { pause: { duration: '1h' } }] } } },
  status: { abort: true, currentPodHash: 'abc', currentStepIndex: 0, canary: { abortedStepIndex: 1 } },
};
const render = (template: NotificationTemplate, rollout = ROLLOUT, runs: readonly AnalysisRun[] = []) =>
  renderNotification(
    template,
    templateVariables(
      { rollout, runs, recipient: 'releases', context: { cluster: 'prod' }, message: 'why <it> & "that"' },
      NOW,
    ),
    NOW,
  );

test.each([...BUNDLED_TEMPLATES])(
  'the bundled template %s makes text and valid blocks, whatever there is to say',
  (_name, template) => {
    for (const runs of [[], [runWith({ value: '[0.2]', successCondition: 'result[0] < 0.05 && "a\\b" != `x`' })]]) {
      for (const rollout of [ROLLOUT, { ...ROLLOUT, spec: {}, status: {} }]) {
        const { text, slack } = render(template, rollout, runs);
        expect(text).toMatch(/^Rollout web \(namespace shop\)/);
        expect(text).not.toMatch(/no value|undefined|\[object|\{\{/);
        expect(JSON.parse(slack.blocks ?? '')).toMatchObject([
          { type: 'section' },
          { type: 'section' },
          { type: 'section' },
        ]);
      }
    }
  },
);

test('blocks carry what Slack would take for its own markup as entities', () => {
  const template = BUNDLED_TEMPLATES.get('rollout-aborted')!;
  expect(render(template).slack.blocks).toContain('why &lt;it&gt; &amp; \\"that\\"');
  expect(render(template).text).toContain('revision 2, step 2/2 (pause: 1h): why <it> & "that"');
});

test("templates of one's own see Argo's variables and ours", () => {
  const template = compileNotification('mine', {
    message:
      '{{.rollout.metadata.name}} {{.recipient}} {{.context.cluster}} {{(call .time.Parse .rollout.at).Unix}} {{len .analysisRuns}} {{(index .analysisRuns 0).metadata.name}} {{.linnet.failure.metric}}',
    slack: {
      attachments: '[{"title":"{{slackText .linnet.message}}"}]',
      groupingKey: '{{.rollout.status.currentPodHash}}',
      notifyBroadcast: true,
      username: ' ',
    },
    webhook: { ci: { method: 'post', path: '/{{.rollout.metadata.name}}', body: '{{toJson .context}}' } },
    email: { subject: 'left alone' },
  });
  const rollout = { ...ROLLOUT, at: '2026-01-01T00:00:00Z' };
  expect(render(template, rollout, [runWith({})])).toEqual({
    text: 'web releases prod 1767225600 1 run-1 errors',
    slack: { attachments: '[{"title":"why &lt;it&gt; &amp; \\"that\\""}]', groupingKey: 'abc', notifyBroadcast: true },
    webhook: new Map([['ci', { method: 'POST', path: '/web', body: '{"cluster":"prod"}' }]]),
  });
});

test('analysisRuns are those of this version and revision, newest first', () => {
  const runs = [
    runWith({ name: 'old', createdAt: '2026-01-01T00:00:00Z' }),
    runWith({ name: 'new', createdAt: '2026-01-01T00:01:00Z' }),
    runWith({ name: 'other', revision: '1' }),
  ];
  expect(currentRuns(ROLLOUT, runs).map(({ metadata }) => metadata.name)).toEqual(['new', 'old']);
});
