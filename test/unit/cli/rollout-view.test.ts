import { describe, expect, it } from 'vitest';
import { formatRollout } from '../../../src/cli/view/rollout-view.ts';
import { coloured, paintFor, plain } from '../../../src/cli/view/style.ts';
import { ago, blueGreenRollout, canaryRollout, FAILED_RUN, family, NOW, pod, replicaSet } from './fixtures.ts';

const show = (parts: Parameters<typeof family>[0] = {}): string =>
  formatRollout(family(parts), NOW, plain)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');

describe('get rollout', () => {
  it('shows a paused canary in the layout of Argo Rollouts', () => {
    expect(show()).toBe(
      `\
Name:            web
Namespace:       shop
Status:          ॥ Paused
Message:         CanaryPauseStep
Strategy:        Canary
  Step:          1/4
  SetWeight:     20
  ActualWeight:  20
Images:          web:1 (stable)
                 web:2 (canary)
Replicas:
  Desired:       5
  Current:       5
  Updated:       1
  Ready:         5
  Available:     5

NAME                      KIND        STATUS     AGE   INFO
⟳ web                     Rollout     ॥ Paused   3h
├──# revision:2
│  └──⧉ web-new           ReplicaSet  ✔ Healthy  2m5s  canary
│     └──□ web-new-aaaaa  Pod         ✔ Running  100s  ready:1/1
└──# revision:1
   └──⧉ web-old           ReplicaSet  ✔ Healthy  3h    stable
      └──□ web-old-bbbbb  Pod         ✔ Running  100s  ready:1/1
`,
    );
  });

  it('says what failed: counts of the run, last value and rule of each metric in trouble', () => {
    const text = show({ analysisRuns: [FAILED_RUN] });
    expect(text).toMatch(/│ {2}└──α web-new-2 +AnalysisRun +✖ Failed +80s +✔ 7,✖ 2,⚠ 1\n/);
    expect(text).toMatch(
      /│ {5}└──μ success-rate +Metric +✖ Failed +20s +last: \[0\.81\], success: result\[0\] >= 0\.95\n/,
    );
    expect(text).not.toContain('latency');
  });

  it('tags versions of blue-green, and says how long an old one stays', () => {
    const leaving = replicaSet('older', 1, 2, { annotations: { 'scale-down-deadline': ago(-28) } });
    const text = show({
      rollout: blueGreenRollout(),
      replicaSets: [leaving, replicaSet('old', 2, 5), replicaSet('new', 3, 5)],
      pods: [],
    });
    expect(text).toContain('Strategy:        BlueGreen\nImages:');
    expect(text).toMatch(/web-old .*stable,active\n/);
    expect(text).toMatch(/web-new .*preview\n/);
    expect(text).toMatch(/web-older .*delay:28s\n/);
  });

  it('shows the weight that routes carry, not the share of pods, when traffic is routed', () => {
    const rollout = canaryRollout({
      canary: { trafficRouting: { nginx: { stableIngress: 'web' } } },
      status: { canary: { weights: { canary: { weight: 10 }, stable: { weight: 90 } } } },
    });
    expect(show({ rollout })).toContain('  SetWeight:     20\n  ActualWeight:  10\n');
  });

  it('shows pods in trouble and their restarts', () => {
    const crashing = pod('new', 'ccccc', {
      containerStatuses: [
        { name: 'web', ready: false, restartCount: 7, state: { waiting: { reason: 'CrashLoopBackOff' } } },
      ],
    });
    expect(show({ pods: [crashing] })).toMatch(/web-new-ccccc +Pod +✖ CrashLoopBackOff +100s +ready:0\/1,restarts:7/);
  });

  it('leaves out what belongs to other rollouts', () => {
    const foreign = replicaSet('alien', 9, 3);
    const text = show({
      replicaSets: [{ ...foreign, metadata: { ...foreign.metadata, ownerReferences: [] } }],
      pods: [],
    });
    expect(text).not.toContain('alien');
  });

  it('aligns the same with and without colours', () => {
    const painted = formatRollout(family(), NOW, coloured);
    expect(painted).toContain('\u001b[');
    // oxlint-disable-next-line no-control-regex -- colours begin with it
    expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(formatRollout(family(), NOW, plain));
  });
});

describe('colours', () => {
  it.each([
    [true, {}, false, true],
    [false, {}, false, false],
    [true, { NO_COLOR: '1' }, false, false],
    [true, { NO_COLOR: '' }, false, true],
    [true, { TERM: 'dumb' }, false, false],
    [true, {}, true, false],
  ])('terminal %s, environment %o, --no-color %s: %s', (isTerminal, env, noColor, expected) => {
    expect(paintFor(isTerminal, env, noColor)('bad', 'x') !== 'x').toBe(expected);
  });
});
