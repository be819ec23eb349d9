import { describe, expect, it } from 'vitest';
import { createRedactor, REDACTED } from '../../../src/net/redact.ts';

describe('createRedactor', () => {
  const secret = 'p"a ss/w+ö\n';
  const redact = createRedactor([secret]);

  it.each([
    ['as it is', secret],
    ['without the line break that files end with', secret.trim()],
    ['in JSON', JSON.stringify(secret)],
    ['in a URL', `?q=${encodeURIComponent(secret)}`],
    ['in a form', new URLSearchParams({ q: secret }).toString()],
    ['in base64', Buffer.from(secret).toString('base64')],
  ])('masks a secret %s', (_form, text) => {
    const masked = redact(`before ${text} after`);
    expect(masked).toContain(REDACTED);
    expect(masked).not.toMatch(/ss/);
    expect(masked).toMatch(/^before .* after$/);
  });

  it('masks every occurrence', () => {
    expect(createRedactor(['s3cret'])('s3cret, s3cret')).toBe('*****, *****');
  });

  it('leaves nothing of a secret that contains another', () => {
    expect(createRedactor(['abc', 'abcdef'])('abcdef abc')).toBe('***** *****');
  });

  it('takes secrets literally', () => {
    expect(createRedactor(['a.c|x[1]$-'])('abc a.c|x[1]$-')).toBe('abc *****');
  });

  it('ignores empty secrets', () => {
    expect(createRedactor(['', '  '])('plain text')).toBe('plain text');
  });
});
