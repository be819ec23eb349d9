import { describe, expect, it } from 'vitest';
import type { Ingress } from '../../../src/api/core-types.ts';
import {
  answeredAfter,
  countByVersion,
  countLost,
  countRequests,
  firstFailureOf,
  shareDuring,
} from '../../../src/sandbox/demo/measurements.ts';
import { type WeightPhase, withReload } from '../../../src/sandbox/demo/weight-phases.ts';
import type { LoadWindow } from '../../../src/sandbox/load/load-window.ts';
import { WindowCounter } from '../../../src/sandbox/load/window-counter.ts';

const window = (from: number, answers: Record<string, number>, lost = 0): LoadWindow => ({
  from,
  to: from + 250,
  answers: Object.entries(answers).map(([key, count]) => {
    const [version = '', status] = key.split(' ');
    return { version, status: Number(status), count };
  }),
  firstFailures: Object.keys(answers).some((key) => key === 'v3 500') ? { v3: from + 7 } : {},
  lost,
});

describe('WindowCounter', () => {
  it('counts a request where it was sent, however late it is answered', () => {
    const counter = new WindowCounter();
    const early = counter.sent(1_010);
    counter.sent(1_260).answered('v1', 200, 1_270);
    expect(counter.takeComplete(1_600)).toEqual([]);
    early.answered('v2', 500, 1_590);
    expect(counter.takeComplete(1_600)).toEqual([
      {
        from: 1_000,
        to: 1_250,
        answers: [{ version: 'v2', status: 500, count: 1 }],
        firstFailures: { v2: 1_590 },
        lost: 0,
      },
      { from: 1_250, to: 1_500, answers: [{ version: 'v1', status: 200, count: 1 }], firstFailures: {}, lost: 0 },
    ]);
    expect(counter.underWay).toBe(0);
  });

  it('keeps a window until it is over', () => {
    const counter = new WindowCounter();
    counter.sent(1_000).lost('refused');
    expect(counter.takeComplete(1_249)).toEqual([]);
    expect(counter.takeComplete(1_250)).toMatchObject([{ lost: 1, lostReason: 'refused' }]);
  });

  it('counts a request that is sent again once', () => {
    const counter = new WindowCounter();
    counter.sent(1_000).sentAgain();
    counter.sent(1_001).answered('v1', 200, 1_002);
    expect(countRequests(counter.takeComplete(2_000))).toBe(1);
  });
});

describe('measurements', () => {
  const windows = [
    window(0, { 'v1 200': 100 }),
    window(250, { 'v1 200': 90, 'v3 200': 8, 'v3 500': 2 }),
    window(500, { 'v1 200': 80, 'v3 200': 16, 'v3 500': 4 }),
    window(750, { 'v1 200': 99, 'v3 200': 1 }, 2),
  ];

  it('add up by version', () => {
    expect(countByVersion(windows).get('v3')).toEqual({ requests: 31, failures: 6 });
    expect([countRequests(windows), countLost(windows)]).toEqual([402, 2]);
    expect([firstFailureOf(windows, 'v3'), firstFailureOf(windows, 'v1')]).toEqual([257, undefined]);
  });

  it('take a share from the windows wholly within the phase', () => {
    const phase = { weight: 15, from: 240, to: 760 };
    expect(shareDuring(windows, phase, 'v3')).toEqual({ weight: 15, observed: 15, requests: 200 });
    expect(shareDuring(windows, { ...phase, from: 700 }, 'v3')).toBeUndefined();
  });

  it('find what was sent to a version too late', () => {
    expect(answeredAfter(windows, 501, 'v3')).toBe(1);
    expect(answeredAfter(windows, 751, 'v3')).toBe(0);
  });
});

describe('withReload', () => {
  const canary = (weight: string): Ingress => ({
    metadata: {
      annotations: {
        'nginx.ingress.kubernetes.io/canary': 'true',
        'nginx.ingress.kubernetes.io/canary-weight': weight,
      },
    },
  });

  it('begins a phase when all workers have the new weight and ends it when the next is written', () => {
    const start: readonly WeightPhase[] = [{ weight: 0, from: 0, to: undefined }];
    const reloads = [
      { began: 100, at: 200, ingresses: [] },
      { began: 300, at: 400, ingresses: [canary('10')] },
      { began: 500, at: 600, ingresses: [canary('10')] },
      { began: 700, at: 800, ingresses: [canary('0')] },
    ];
    expect(reloads.reduce(withReload, start)).toEqual([
      { weight: 0, from: 0, to: 300 },
      { weight: 10, from: 400, to: 700 },
      { weight: 0, from: 800, to: undefined },
    ]);
  });
});
