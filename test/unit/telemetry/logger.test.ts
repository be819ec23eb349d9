import { expect, test } from 'vitest';
import { TransportError } from '../../../src/kube/api-error.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { createLogger, hideSecrets, type LogFormat, type LogLevel } from '../../../src/telemetry/logger.ts';

function log(format: LogFormat = 'json', level: LogLevel = 'info') {
  const lines: string[] = [];
  const logger = createLogger({ clock: new VirtualClock(), level, format, write: (line) => lines.push(line) });
  return { logger, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> };
}

test('writes the fields that Argo Rollouts’ users search for', () => {
  const { logger, lines, last } = log();
  logger.child({ namespace: 'shop' }).info({ rollout: 'cart' }, 'Started');
  expect(last()).toEqual({
    level: 'info',
    time: '2026-01-01T00:00:00.000Z',
    namespace: 'shop',
    rollout: 'cart',
    msg: 'Started',
  });
  logger.debug({}, 'not at this level');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/\}\n$/);
});

test('text is logfmt', () => {
  const { logger, lines } = log('text', 'debug');
  logger.debug({ weight: 10, reason: 'two words', list: ['a'] }, 'set weight');
  expect(lines).toEqual([
    'time=2026-01-01T00:00:00.000Z level=debug msg="set weight" weight=10 reason="two words" list="[\\"a\\"]"\n',
  ]);
});

test('an error is its type, message, code and causes', () => {
  const { logger, last } = log();
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  logger.error({ err: new TransportError('connection', { method: 'GET', path: '/x' }, 'down', cause) }, 'failed');
  expect(last()['err']).toEqual({
    type: 'TransportError',
    message: 'GET /x: down',
    code: 'connection',
    cause: { type: 'Error', message: 'refused', code: 'ECONNREFUSED' },
  });
  logger.error({ err: new Error('a defect') }, 'failed');
  expect(last()['err']).toMatchObject({ stack: expect.stringContaining('logger.test.ts') });
  logger.error({ err: 'a text' }, 'failed');
  expect(last()['err']).toBe('a text');
});

test.each<LogFormat>(['json', 'text'])('no secret gets into %s', (format) => {
  const { logger, lines } = log(format);
  const secret = 's3cr3t-value';
  logger.info({ token: secret, headers: { authorization: secret }, secret: { data: { key: secret } } }, 'fields');
  logger.info({ err: new Error(`GET https://user:${secret}@host/: Bearer ${secret}`) }, `Basic ${secret}`);
  logger.info({ url: `https://hooks.slack.com/services/T0/B0/${secret}`, slack: `xoxb-1-${secret}` }, 'texts');
  expect(lines.join('')).not.toContain(secret);
  expect(lines.join('')).toContain('[redacted]');
});

test('hideSecrets leaves ordinary texts alone', () => {
  const text =
    'Rollout is paused (CanaryPauseStep) at https://example.test/a@b; Basic authentication failed, bearer of news';
  expect(hideSecrets(text)).toBe(text);
});
