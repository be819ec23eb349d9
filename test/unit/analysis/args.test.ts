import { describe, expect, it } from 'vitest';
import { plainArguments, secretArguments, substitute } from '../../../src/core/analysis/args.ts';
import { PromqlText } from '../../../src/core/analysis/promql-text.ts';
import type { JsonValue } from '../../../src/core/values/json.ts';

const args = new Map([
  ['service', 'api'],
  ['count', '5'],
  ['odd', 'a"b\\c\u0001{{args.service}}'],
  ['empty', ''],
]);

describe('substitute', () => {
  it.each<[JsonValue, JsonValue]>([
    ['{{args.service}}', 'api'],
    ['{{ args.service }}-{{args.count}}', 'api-5'],
    ['{{args.empty}}', ''],
    [
      { count: '{{args.count}}', n: 3, b: true, nothing: null },
      { count: '5', n: 3, b: true, nothing: null },
    ],
    [{ '{{args.service}}': ['{{args.count}}'] }, { api: ['5'] }],
    ['}} and { and {', '}} and { and {'],
    ['{{"{{"}} .Values }}', '{{ .Values }}'],
  ])('%j', (value, expected) => {
    expect(substitute(value, args)).toEqual({ ok: true, value: expected });
  });

  it('fills in once, whatever characters the value has', () => {
    expect(substitute('{{args.odd}}', args)).toEqual({ ok: true, value: 'a"b\\c\u0001{{args.service}}' });
  });

  it.each([
    ['{{args.unknown}}', 'failed to resolve {{args.unknown}}'],
    ['{{args.constructor}}', 'failed to resolve {{args.constructor}}'],
    ['{{ service }}', 'failed to resolve {{ service }}'],
    ['{{}}', 'failed to resolve {{}}'],
    ['up{a="{{args.service}', 'cannot find end tag "}}" after "{{args.service}"'],
  ])('%j cannot be filled in', (value, problem) => {
    expect(substitute({ deep: [value] }, args)).toEqual({ ok: false, problem });
  });

  it('keeps a key named __proto__ a key', () => {
    const value: JsonValue = JSON.parse('{"__proto__": {"polluted": "{{args.service}}"}}');
    const filled = substitute(value, args);
    expect(JSON.stringify(filled)).toBe('{"ok":true,"value":{"__proto__":{"polluted":"api"}}}');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  const query = (text: string, value: string) =>
    substitute({ provider: { prometheus: { query: text } } }, new Map([['x', value]]));
  const filled = (text: string) => ({ ok: true, value: { provider: { prometheus: { query: text } } } });

  it.each([
    ['a quote', 'up{a="{{args.x}}"}', '"} or vector(1) #', 'up{a="\\"} or vector(1) #"}'],
    ['an apostrophe', "up{a='{{args.x}}'}", "'} or vector(1) #", "up{a='\\'} or vector(1) #'}"],
    ['the other kind of quote', 'up{a="{{args.x}}"}', "it's", 'up{a="it\'s"}'],
    ['an escaped quote', 'up{a="{{args.x}}"}', 'a\\"b', 'up{a="a\\"b"}'],
    ['an escaped backslash before a quote', 'up{a="{{args.x}}"}', 'a\\\\"b', 'up{a="a\\\\\\"b"}'],
    ['a backslash at the end', 'up{a="{{args.x}}"}', 'a\\', 'up{a="a\\\\"}'],
    ['a backslash of the template before it', 'up{a="\\{{args.x}}"}', '"b', 'up{a="\\\\\\"b"}'],
    ['a line break', 'up{a="{{args.x}}"}', 'a\nb', 'up{a="a\\nb"}'],
    ['escapes of a regular expression', 'up{a=~"{{args.x}}"}', '10\\\\.0\\\\..*', 'up{a=~"10\\\\.0\\\\..*"}'],
    ['a raw string', 'up{a=`{{args.x}}`}', 'a"b\\', 'up{a=`a"b\\`}'],
  ])('keeps %s inside its PromQL string', (_name, text, value, expected) => {
    expect(query(text, value)).toEqual(filled(expected));
  });

  it('lets an argument be code where it stands outside a string, as in Argo Rollouts', () => {
    expect(query('{{args.x}}', 'sum(up{a="b"})')).toEqual(filled('sum(up{a="b"})'));
    expect(query('up # "\n + up{a="{{args.x}}"}', '"')).toEqual(filled('up # "\n + up{a="\\""}'));
  });

  it('knows that an argument outside a string may have opened one', () => {
    const value = substitute(
      { prometheus: { query: '{{args.open}}{{args.x}}"}' } },
      new Map([
        ['open', 'up{a="'],
        ['x', '"} or vector(1) #'],
      ]),
    );
    expect(value).toEqual({ ok: true, value: { prometheus: { query: 'up{a="\\"} or vector(1) #"}' } } });
  });

  it('refuses a backtick inside a raw string, which knows no escape', () => {
    expect(query('up{a=`{{args.x}}`}', '`} or vector(1)')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('raw PromQL string'),
    });
  });

  it('leaves other texts of a metric as they are', () => {
    const value = { prometheus: { address: 'http://"{{args.x}}"' }, other: { query: '"{{args.x}}"' } };
    expect(substitute(value, new Map([['x', '"']]))).toEqual({
      ok: true,
      value: { prometheus: { address: 'http://"""' }, other: { query: '"""' } },
    });
  });
});

describe('PromqlText', () => {
  it('says when nothing can be inserted, and stays as it was', () => {
    const text = new PromqlText();
    text.append('a=`');
    expect(text.insert('`')).toBe(false);
    expect(text.text).toBe('a=`');
  });
});

describe('arguments', () => {
  const list = [
    { name: 'plain', value: 'v' },
    { name: 'secret', value: 'default', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    { name: 'field', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ];

  it('are told apart', () => {
    expect([...plainArguments(list)]).toEqual([
      ['plain', 'v'],
      ['secret', 'default'],
    ]);
    expect(secretArguments(list)).toEqual([{ argument: 'secret', secret: 's', key: 'k' }]);
  });
});
