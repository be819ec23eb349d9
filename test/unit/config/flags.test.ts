import { describe, expect, it } from 'vitest';
import { flagHelp, parseFlags } from '../../../src/config/flags.ts';

describe('parseFlags', () => {
  it('has the defaults of Argo Rollouts', () => {
    const { values } = parseFlags([]);
    expect(values).toMatchObject({ metricsPort: '8090', healthzPort: '8080', 'leader-elect': 'true', qps: '40' });
  });

  it.each([
    [['--metricsport', '9000'], { metricsPort: '9000' }],
    [['--metricsPort=9000'], { metricsPort: '9000' }],
    [['--leader-elect=false'], { 'leader-elect': 'false' }],
    [['--namespaced'], { namespaced: 'true' }],
    [['--namespaced', '--namespace', 'a'], { namespaced: 'true', namespace: 'a' }],
    [['-loglevel', 'debug'], { loglevel: 'debug' }],
  ])('reads %j as Go does', (args, expected) => {
    expect(parseFlags(args).values).toMatchObject(expected);
  });

  it.each([
    [['--qps', 'many'], 'invalid value "many" for flag --qps: expected a whole number'],
    [['--qps'], 'flag --qps needs a value'],
    [['--qsp', '1'], 'unknown flag --qsp'],
    [['now'], 'unexpected argument "now"'],
    [['--leader-election-retry-period', '2'], 'expected a duration'],
    [['--constructor', '2'], 'unknown flag --constructor'],
  ])('refuses %j', (args, message) => {
    expect(() => parseFlags(args)).toThrow(message);
  });

  it('accepts flags of Argo Rollouts that change nothing, and says so', () => {
    const { warnings, values } = parseFlags([
      '--kloglevel',
      '4',
      '--service-threads=3',
      '--aws-verify-target-group',
      '--qps',
      '1',
    ]);
    expect(warnings).toEqual([
      '--kloglevel has no effect: there is no klog here; use --loglevel',
      '--service-threads has no effect: Services need no workers of their own',
      '--aws-verify-target-group has no effect: its traffic router is not supported yet',
    ]);
    expect(values.qps).toBe('1');
  });

  it('names every flag in the help', () => {
    for (const name of Object.keys(parseFlags([]).values)) expect(flagHelp()).toContain(`--${name} `);
  });
});
