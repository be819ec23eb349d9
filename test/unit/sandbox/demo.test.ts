import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { liveViewOn } from '../../../src/sandbox/demo/live-view.ts';
import { brokenPromises, type DemoResult, toJson } from '../../../src/sandbox/demo/result.ts';
import { coloured, renderScreen, type Scene } from '../../../src/sandbox/demo/screen.ts';
import { edited, ROLLOUT_FILE, STORY } from '../../../src/sandbox/demo/story.ts';
import { summaryOf } from '../../../src/sandbox/demo/summary.ts';
import { scrapeTargets } from '../../../src/sandbox/prometheus/scrape-targets.ts';

const MESSAGE = {
  channel: 'releases',
  text: 'Rollout shop aborted: revision 3, step 2/10: success-rate measured 0.8, not result[0] &gt;= 0.95; kubectl …',
};
const GOOD: DemoResult = {
  promoted: ['v2'],
  aborted: ['v3'],
  requests: 1_000,
  failures: { v1: 0, v2: 0, v3: 20 },
  lost: 0,
  lostReasons: [],
  shares: [10, 30, 50, 100].map((weight) => ({ weight, observed: weight, requests: 5_000 })),
  secondsToAbort: 6.5,
  afterAbort: 0,
  weightDuringRevert: 0,
  slack: [{ ...MESSAGE, body: MESSAGE }],
  problems: [],
};

describe('brokenPromises', () => {
  it('finds nothing when the story held', () => {
    expect(brokenPromises(GOOD)).toEqual([]);
  });

  const changes: readonly (readonly [string, Partial<DemoResult>, RegExp])[] = [
    ['a lost request', { lost: 1, lostReasons: ['refused'] }, /1 requests got no answer \(refused\)/],
    ['a failure of a good version', { failures: { v2: 1, v3: 9 } }, /1 answers of v2/],
    ['a bad version that fails nothing', { failures: { v3: 0 } }, /v3 failed no request/],
    ['a share beyond three points', { shares: [{ weight: 10, observed: 13.1, requests: 9 }] }, /13\.1 %/],
    ['a weight that was left out', { shares: GOOD.shares.slice(1) }, /weights seen: 30, 50, 100/],
    ['a promotion of the bad version', { promoted: ['v2', 'v3'], aborted: [] }, /aborted: nothing/],
    ['requests after the abort', { afterAbort: 4 }, /4 requests reached v3/],
    ['steps on the way back', { weightDuringRevert: 10 }, /revert/],
    ['silence in Slack', { slack: [] }, /0 messages/],
    ['two messages', { slack: [...GOOD.slack, ...GOOD.slack] }, /2 messages/],
    ['a message that says too little', { slack: [{ ...MESSAGE, body: { text: 'shop aborted' } }] }, /the condition/],
    ['a chapter without an end', { problems: ['waited in vain'] }, /in vain/],
  ];
  it.each(changes)('finds %s', (_, change, expected) => {
    const result = { ...GOOD, ...change };
    expect(brokenPromises(result).join('\n')).toMatch(expected);
    expect(summaryOf(result, 60)).toMatch(/did not hold/);
  });
});

it('ends with one line for programs', () => {
  expect(Object.keys(JSON.parse(toJson(GOOD)))).toEqual([
    'promoted',
    'aborted',
    'requests',
    'failures',
    'lost',
    'shares',
    'secondsToAbort',
    'slackMessages',
  ]);
  expect(JSON.parse(toJson(GOOD)).shares[0]).toEqual({ weight: 10, observed: 10 });
});

it('tells a story that the example can be brought through', () => {
  const start = readFileSync(new URL(`../../../examples/demo/${ROLLOUT_FILE}`, import.meta.url), 'utf8');
  const last = STORY.reduce((text, chapter) => (chapter.kind === 'revert' ? text : edited(text, chapter.edits)), start);
  expect(last).toContain('sample-app:v3');
  expect(last).toContain('value: "0.2"');
  expect(() => edited('nothing', [{ from: 'image', to: 'other' }])).toThrow(/does not contain "image"/);
});

describe('the live view', () => {
  const scene: Scene = {
    elapsedSeconds: 12,
    title: 'A commit brings v2',
    release: {
      wanted: 'v2',
      current: 'v2',
      stable: 'v1',
      phase: 'Paused',
      message: 'waiting for a measurement at weight 10, which takes a while and needs more than one line',
      step: 1,
      steps: ['setWeight 10', 'pause 6s'],
      aborted: false,
      replicas: [{ version: 'v1', ready: 4, wanted: 4 }],
    },
    weight: 10,
    recent: new Map([
      ['v1', { requests: 90, failures: 0 }],
      ['v2', { requests: 10, failures: 2 }],
    ]),
    total: { requests: 12_345, lost: 0 },
    log: ['began'],
  };

  it('shows step, weight, replicas, success rates and the reason of the wait, within the columns', () => {
    const lines = renderScreen(scene, 80);
    const text = lines.join('\n');
    expect(text).toContain('2 of 2: pause 6s');
    expect(text).toMatch(/v1 +4 of 4 .* 90\.0 % +100\.0 % +stable/);
    expect(text).toMatch(/v2 +0 of 0 .* 10\.0 % +80\.0 %/);
    expect(text.replaceAll(/\n? {2,}/g, ' ')).toContain('which takes a while and needs more than one line');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('does not count colours as columns, nor cut them', () => {
    const bare = renderScreen(scene, 80, coloured).map((line) => stripVTControlCharacters(line));
    expect(bare).toEqual(renderScreen(scene, 80));
  });

  it('is redrawn in place on a terminal, and plain lines anywhere else', () => {
    const record = (terminal: { isTTY?: boolean }, env: Record<string, string>): string => {
      let out = '';
      const view = liveViewOn({ ...terminal, columns: 80, write: (text) => (out += text) }, env);
      view.tell(1, 'began');
      view.show(scene);
      view.show(scene);
      view.end();
      return out;
    };
    const escape = '\u001B[';
    expect(record({}, {})).toBe('   1.0 s  began\n');
    expect(record({ isTTY: true }, { NO_COLOR: '1' })).not.toContain(escape);
    expect(record({ isTTY: true }, { TERM: 'dumb' })).not.toContain(escape);
    const drawn = record({ isTTY: true }, {});
    expect(drawn).toContain(`${escape}${renderScreen(scene, 80).length - 1}A`);
    expect(drawn.endsWith(`${escape}?25h`)).toBe(true);
  });
});

it('scrapes every endpoint that is not on its way out, with the labels of its pod', () => {
  const slice = {
    metadata: { namespace: 'default', name: 'shop-1', labels: { 'kubernetes.io/service-name': 'shop' } },
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [
      { addresses: ['127.9.10.1'], targetRef: { name: 'shop-a' } },
      { addresses: ['127.9.10.2'], conditions: { terminating: true } },
    ],
  };
  const pod = { metadata: { namespace: 'default', name: 'shop-a', labels: { 'rollouts-pod-template-hash': 'abc' } } };
  expect(scrapeTargets([slice], [pod])).toEqual([
    {
      targets: ['127.9.10.1:8080'],
      labels: { rollouts_pod_template_hash: 'abc', namespace: 'default', service: 'shop', pod: 'shop-a' },
    },
  ]);
});
