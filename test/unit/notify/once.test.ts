import { describe, expect, test } from 'vitest';
import type { Rollout, RolloutStatus } from '../../../src/api/rollout.ts';
import { compile } from '../../../src/core/expr/expr.ts';
import { followedSince, isHistory, rememberedNotices } from '../../../src/core/notify/follow.ts';
import { isRepeatable, noticesOfConditions, noticesOfTransitions } from '../../../src/core/notify/notices.ts';
import { type NotifiedState, readNotified, writeNotified } from '../../../src/core/notify/notified.ts';
import type { Subscription } from '../../../src/core/notify/subscriptions.ts';
import { passingTransitions, standingTransitions } from '../../../src/core/notify/transitions.ts';
import { conditionEnvironment } from '../../../src/core/notify/variables.ts';

const AT = '2026-01-01T00:00:10Z';
const MOMENT = Date.parse(AT);

const rolloutIn = (status: RolloutStatus, revision = '3'): Rollout => ({
  metadata: {
    name: 'web',
    uid: 'u1',
    resourceVersion: '77',
    annotations: { 'rollout.argoproj.io/revision': revision },
  },
  spec: {},
  status,
});
const condition = (type: string, status: 'True' | 'False', reason: string, message = '') => ({
  type,
  status,
  reason,
  message,
  lastUpdateTime: AT,
  lastTransitionTime: AT,
});

test('a status that is about the spec before tells nothing: its abort is not one of the next revision', () => {
  const status: RolloutStatus = { abort: true, abortedAt: AT, observedGeneration: '3' };
  const seen = (generation: number) => {
    const rollout = rolloutIn(status, '4');
    return standingTransitions({ ...rollout, metadata: { ...rollout.metadata, generation } });
  };
  expect(seen(4)).toEqual([]);
  expect(seen(3)).toMatchObject([{ reason: 'RolloutAborted' }]);
});

describe('transitions that still show', () => {
  test.each<[string, RolloutStatus, object[]]>([
    ['nothing', {}, []],
    ['an order to abort that was not carried out', { abort: true }, []],
    [
      'an abort',
      { abort: true, abortedAt: AT, conditions: [condition('Progressing', 'False', 'RolloutAborted', 'because')] },
      [{ reason: 'RolloutAborted', type: 'Warning', message: 'because', identity: `3@${AT}`, at: MOMENT }],
    ],
    [
      'the trace of an abort that was taken back',
      { abortedAt: AT, conditions: [condition('Completed', 'False', 'RolloutCompleted')] },
      [],
    ],
    [
      'completion',
      { currentPodHash: 'abc', conditions: [condition('Completed', 'True', 'RolloutCompleted')] },
      [
        {
          reason: 'RolloutCompleted',
          message: 'Rollout completed update to revision 3 (abc)',
          identity: '3',
          at: MOMENT,
        },
      ],
    ],
    [
      'pauses',
      { pauseConditions: [{ reason: 'CanaryPauseStep', startTime: AT }] },
      [
        {
          reason: 'RolloutPaused',
          message: 'Rollout is paused (CanaryPauseStep)',
          identity: `3@${AT}/CanaryPauseStep`,
        },
      ],
    ],
    [
      'a missed deadline',
      { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'late')] },
      [{ reason: 'ProgressDeadlineExceeded', type: 'Warning', message: 'late', identity: `3@${AT}` }],
    ],
  ])('%s', (_name, status, expected) => {
    expect(standingTransitions(rolloutIn(status))).toMatchObject(expected);
    expect(standingTransitions(rolloutIn(status))).toHaveLength(expected.length);
  });

  test('an event of the same is left to the status, and others are told by stored version', () => {
    const events = ['RolloutAborted', 'RolloutStepCompleted'].map((reason) => ({
      type: 'Normal' as const,
      reason,
      message: 'm',
    }));
    expect(passingTransitions(rolloutIn({}), events)).toEqual([
      { type: 'Normal', reason: 'RolloutStepCompleted', message: 'm', identity: '77/m', at: undefined },
    ]);
  });
});

const SLACK: Subscription = { trigger: 'on-rollout-aborted', service: 'slack', recipient: 'releases' };
const WHEN: Subscription = { trigger: 'on-x', service: 'slack', recipient: 'releases' };
const ABORTED = rolloutIn({ abort: true, abortedAt: AT });

test('one notice for each recipient and template, none for other triggers', () => {
  const triggers = new Map([
    ['on-rollout-aborted', [{ when: undefined, oncePer: undefined, send: ['a', 'b'] }]],
    ['on-rollout-paused', [{ when: undefined, oncePer: undefined, send: ['c'] }]],
  ]);
  const subscriptions = [SLACK, { ...SLACK, recipient: 'boss' }, { ...SLACK, trigger: 'on-rollout-paused' }];
  const keys = noticesOfTransitions(standingTransitions(ABORTED), subscriptions, triggers).map(({ key }) => key);
  expect(keys).toEqual([
    `on-rollout-aborted:slack:releases:3@${AT}:a`,
    `on-rollout-aborted:slack:releases:3@${AT}:b`,
    `on-rollout-aborted:slack:boss:3@${AT}:a`,
    `on-rollout-aborted:slack:boss:3@${AT}:b`,
  ]);
});

describe('conditions', () => {
  const outcomeOf = (when: string, oncePer?: string) =>
    noticesOfConditions(
      conditionEnvironment(ABORTED, [], { cluster: 'prod' }, MOMENT + 5_000),
      [WHEN, SLACK],
      new Map([
        ['on-x', [{ when: compile(when), oncePer: oncePer === undefined ? undefined : compile(oncePer), send: ['a'] }]],
      ]),
      MOMENT + 5_000,
    );

  test.each([
    'rollout.status.abort == true',
    'context.cluster == "prod"',
    'len(analysisRuns) == 0',
    'time.Now().Sub(time.Parse(rollout.status.abortedAt)).Seconds() == 5',
  ])('%s holds', (when) => {
    const { notices, problems } = outcomeOf(when);
    expect(problems).toEqual([]);
    expect(notices.map(({ key }) => key)).toEqual(['on-x:slack:releases:when[0]:a']);
    expect(isRepeatable(notices[0]!.key)).toBe(true);
  });

  test.each(['rollout.status.phase == "Healthy"', 'rollout.nothing?.at?.all', '1'])('%s does not', (when) => {
    expect(outcomeOf(when).notices).toEqual([]);
  });

  test('oncePer makes one notice for each value', () => {
    const [notice] = outcomeOf('true', 'rollout.status.abortedAt').notices;
    expect(notice?.key).toBe(`on-x:slack:releases:when[0]@"${AT}":a`);
    expect(isRepeatable(notice?.key ?? '')).toBe(false);
  });

  test('what cannot be evaluated is a problem with its place', () => {
    const { notices, problems } = outcomeOf('rollout.spec.steps[3].x');
    expect(notices).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/^trigger\.on-x\[0\]: .*\(1:\d+\)$/)]);
  });
});

describe('the annotation', () => {
  const state: NotifiedState = {
    since: new Map([['t:s:r', 5]]),
    sent: new Map([['t:s:r:1@x:a', 6]]),
    foreign: { 'on-a:[0].h:slack:r': 7 },
  };

  test('comes back as it was written, in numbers alone', () => {
    const written = writeNotified(state, 'u1');
    expect(readNotified(written, 'u1')).toEqual(state);
    expect(Object.values(JSON.parse(written ?? '') as object).every(Number.isSafeInteger)).toBe(true);
  });

  test('of another object says nothing, but what is foreign stays', () => {
    const copied = readNotified(writeNotified(state, 'u1'), 'u2');
    expect(copied).toEqual({ since: new Map(), sent: new Map(), foreign: state.foreign });
  });

  test.each([undefined, '', 'no json', '[1]', 'null'])('%j is none', (annotation) => {
    const none = readNotified(annotation, 'u1');
    expect(none).toEqual({ since: new Map(), sent: new Map(), foreign: {} });
    expect(writeNotified(none, 'u1')).toBeUndefined();
  });
});

describe('history', () => {
  const none = readNotified(undefined, 'u1');
  const [notice] = noticesOfTransitions(
    standingTransitions(ABORTED),
    [SLACK],
    new Map([['on-rollout-aborted', [{ when: undefined, oncePer: undefined, send: ['a'] }]]]),
  );
  const since = (createdAt: number, leadingSince: number, state = none) =>
    followedSince([SLACK], state, { createdAt, leadingSince, now: MOMENT + 60_000 });

  test.each<[string, ReadonlyMap<string, number>, boolean]>([
    ['before the take-over', since(MOMENT - 60_000, MOMENT + 5_000), true],
    ['in the second of the take-over', since(MOMENT - 60_000, MOMENT + 999), false],
    ['of a Rollout younger than this process', since(MOMENT - 1_000, MOMENT - 60_000), false],
    ['of a subscription younger than others', since(0, 0, { ...none, since: new Map([['other', 1]]) }), true],
    [
      'known to the process before',
      since(0, MOMENT + 5_000, { ...none, since: new Map([['on-rollout-aborted:slack:releases', 1]]) }),
      false,
    ],
  ])('%s', (_name, begin, expected) => {
    expect(isHistory(notice!, begin)).toBe(expected);
  });

  test('what no longer shows is forgotten, but for the latest values of oncePer', () => {
    const values = Array.from({ length: 15 }, (_, i) => [`on-x:slack:releases:when[0]@${i}:a`, i] as const);
    const sent = new Map<string, number>([['gone', 1], ['stands', 2], ['on-x:slack:releases:when[0]:a', 3], ...values]);
    expect([...rememberedNotices(sent, new Set(['stands']), [WHEN]).keys()]).toEqual([
      'stands',
      ...values
        .toReversed()
        .slice(0, 10)
        .map(([key]) => key),
    ]);
  });
});
