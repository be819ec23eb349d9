import { describe, expect, test } from 'vitest';
import { compileTemplate } from '../../../src/core/gotemplate/compile.ts';
import { execute } from '../../../src/core/gotemplate/execute.ts';
import { timeVariable } from '../../../src/core/gotemplate/go-time.ts';
import { Refusal, TemplateError } from '../../../src/core/gotemplate/template-error.ts';
import golden from './fixtures/go-output.json' with { type: 'json' };

const NOW = Date.UTC(2026, 10, 21, 20, 4, 36);
const data = { ...golden.data, time: timeVariable(NOW) };

const render = (source: string, functions = {}): string =>
  execute(compileTemplate('t', source), data, { now: NOW, functions });

/** Outputs of Go 1.26's text/template with the functions of sprig 3.3. */
describe('writes what Go writes', () => {
  test.each(golden.cases)('%s', (source, output) => {
    expect(render(source ?? '')).toBe(output);
  });
});

describe('time comes from the caller', () => {
  test.each([
    ['{{ now | date "2006-01-02 15:04" }}', '2026-11-21 20:04'],
    ['{{ (call .time.Now).Format "15:04:05" }}', '20:04:36'],
    ['{{ ago (call .time.Parse "2026-11-21T20:00:00Z") }}', '4m36s'],
    ['{{ ((call .time.Now).Sub (call .time.Parse "2026-11-21T19:04:36Z")).Hours }}', '1'],
    ['{{ if (call .time.Now).After (call .time.Parse "2026-01-01T00:00:00Z") }}later{{ end }}', 'later'],
    ['{{ duration 95 }}', '1m35s'],
    ['{{ date "2006" 0 }}', '1970'],
  ])('%s', (source, output) => {
    expect(render(source)).toBe(output);
  });
});

test('functions of the caller come on top', () => {
  expect(render('{{ user "a@b.c" | quote }}', { user: (mail: unknown) => `<${String(mail)}>` })).toBe('"<a@b.c>"');
});

test('texts and lists are both sliced', () => {
  expect(render('{{slice .text 0 5}} {{slice .list 1}} {{slice .list 1 2}}')).toBe('hello [a c] [a]');
});

test('what every object inherits is not in the data', () => {
  expect(render('{{.constructor}} {{.rollout.toString}} {{index .rollout "__proto__"}}')).toBe(
    '<no value> <no value> <no value>',
  );
});

describe('errors name template, line, column and reason', () => {
  test.each([
    ['a\n  {{nosuch 1}}', 't:2:5: function "nosuch" not defined'],
    ['{{if false}}{{nosuch}}{{end}}', 't:1:15: function "nosuch" not defined'],
    ['{{if}}x{{end}}', 'missing value for if'],
    ['x\n{{if true}}y', 't:2:3: {{if}} without {{end}}'],
    ['{{range .list}}', '{{range}} without {{end}}'],
    ['{{end}}', 'unexpected {{end}}'],
    ['{{else}}', 'unexpected {{else}}'],
    ['{{if 1}}a{{else}}b{{else}}c{{end}}', 'found a second {{else}}'],
    ['x {{.text', 't:1:3: unclosed action'],
    ['{{/* no end }}', 'unclosed comment'],
    ['{{"unterminated}}', 'unterminated quoted string'],
    [String.raw`{{"\z"}}`, 'invalid escape'],
    ['{{$undefined}}', 'undefined variable "$undefined"'],
    ['{{if true}}{{$x := 1}}{{end}}{{$x}}', 'undefined variable "$x"'],
    ['{{$x = 1}}', 'undefined variable "$x"'],
    ['{{break}}', '{{break}} outside {{range}}'],
    ['{{define "x"}}{{define "y"}}{{end}}{{end}}', '{{define}} inside of another action'],
    ['{{define "x"}}{{end}}{{define "x"}}{{end}}', 'multiple definition of template "x"'],
    ['{{template x}}', 'unexpected "x", expected a template name in quotes'],
    ['{{3abc}}', 'bad number syntax'],
    ['{{(1}}', 'unclosed left paren'],
    ['{{1 | 2}}', 'non executable command in pipeline'],
    ['{{#}}', 'unexpected "#" in an action'],
    ['{{.a | }}', 'missing value for action'],
    ['{{template "nope"}}', 'template "nope" not defined'],
    ['{{.text.x}}', `can't evaluate field x in type string`],
    ['{{.rollout.spec 1}}', 'spec is not a method but has arguments'],
    ['{{now.Nope}}', `can't evaluate field Nope`],
    ['{{1 2}}', `can't give argument to non-function`],
    ['{{index .list 9}}', 'error calling index: index out of range: 9'],
    ['{{upper 5}}', 'error calling upper: wrong type: expected string; got int'],
    ['{{upper}}', 'wrong number of args: want 1 got 0'],
    ['{{div 1 0}}', 'divide by zero'],
    ['{{eq 1 "a"}}', 'incompatible types for comparison: int and string'],
    ['{{lt .list .list}}', 'invalid type for comparison'],
    ['{{range .text}}{{end}}', `range can't iterate over string`],
    ['{{len 5}}', 'len of type int'],
    ['{{call .text}}', 'non-function of type string'],
    ['{{call .time.Parse "noon"}}', '"noon" is not an RFC 3339 time'],
    ['{{fail "stop here"}}', 'error calling fail: stop here'],
    ['{{fromJson "{"}}', 'invalid JSON'],
    ['{{b64dec "*"}}', 'illegal base64 data'],
    ['{{own}}', 'error calling own: not today'],
  ])('%s', (source, message) => {
    const own = (): never => {
      throw new Refusal('not today');
    };
    expect(() => render(source, { own })).toThrow(TemplateError);
    expect(() => render(source, { own })).toThrow(message);
  });

  test('the position is there for programs, too', () => {
    expect(() => render('line\n  {{ .text.x }}')).toThrow(
      expect.objectContaining({ position: { line: 2, column: 6 } }),
    );
  });
});

describe('a hostile template ends', () => {
  test.each([
    ['{{define "r"}}{{template "r"}}{{end}}{{template "r"}}', 'more than 50 deep'],
    ['{{range until 1000}}{{range until 1000}}{{end}}{{end}}', 'more than 100000 steps'],
    ['{{range 2000000000}}{{end}}', 'more than 100000 elements'],
    ['{{repeat 1000000000 "ab"}}', 'more than 1000000 characters'],
    ['{{$x := "abcdefgh"}}{{range until 40}}{{$x = print $x $x}}{{end}}', 'more than 1000000 characters'],
    ['{{$x := repeat 10000 "a"}}{{range until 200}}{{$x}}{{end}}', 'writes more than 1000000 characters'],
    ['{{$x := list 1}}{{range until 60}}{{$x = list $x $x}}{{end}}{{$x}}', 'too large'],
    ['{{$x := list 1}}{{range until 60}}{{$x = list $x $x}}{{end}}{{toJson $x}}', 'too large'],
    ['{{$x := list 1}}{{range until 60}}{{$x = concat $x $x}}{{end}}', 'more than 100000 elements'],
    ['{{printf "%1000000000d" 1}}', 'more than 1000000 characters'],
    ['{{indent 1000000000 "x"}}', 'more than 1000000 characters'],
    ['{{until 1000000000}}', 'more than 100000 elements'],
    [`${'{{if 1}}'.repeat(300)}${'{{end}}'.repeat(300)}`, 'nested more than 200 deep'],
    [
      `{{define "r"}}${'{{if 1}}'.repeat(90)}{{template "r"}}${'{{end}}'.repeat(90)}{{end}}{{template "r"}}`,
      'nested more than 500 deep',
    ],
    [`{{${'('.repeat(300)}1${')'.repeat(300)}}}`, 'nested more than 200 deep'],
  ])('%s', (source, message) => {
    expect(() => render(source)).toThrow(TemplateError);
    expect(() => render(source)).toThrow(message);
  });
});
