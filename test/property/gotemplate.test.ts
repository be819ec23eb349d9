import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileTemplate } from '../../src/core/gotemplate/compile.ts';
import { execute } from '../../src/core/gotemplate/execute.ts';
import { TemplateError } from '../../src/core/gotemplate/template-error.ts';
import { JsonPathError } from '../../src/core/jsonpath/json-path-error.ts';
import { parseJsonPath } from '../../src/core/jsonpath/parse.ts';
import { renderJsonPath } from '../../src/core/jsonpath/render.ts';

const DATA = { a: { b: [1, 'x', null], c: true }, s: 'text', n: 3 };

/** The text, or the message of the one kind of error that is allowed. */
function outcomeOf(run: () => string, allowed: typeof TemplateError | typeof JsonPathError): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof allowed) return error.message;
    throw error;
  }
}

/** Texts made of pieces that mean something, in an order that mostly does not. */
const soup = (pieces: readonly string[]) =>
  fc.array(fc.constantFrom(...pieces), { maxLength: 15 }).map((chosen) => chosen.join(''));

const TEMPLATE_PIECES = [
  '{{',
  '}}',
  '{{-',
  ' -}}',
  'if ',
  'range ',
  'with ',
  'else',
  'end',
  'define "x"',
  'template "x"',
  'break',
  '.',
  '.a',
  '.a.b',
  '$',
  '$x',
  ':=',
  '=',
  '|',
  '(',
  ')',
  ',',
  ' ',
  '1',
  '"t"',
  '`r`',
  'index ',
  'len ',
  'printf ',
  'upper ',
  'nil',
  '/*',
  '*/',
  '{{end}}',
  '{{if .a}}',
  '{{range .a.b}}',
  'list ',
  'eq ',
  'dict ',
  'text',
  '\n',
];

test('a template gives a text or a TemplateError, nothing else', () => {
  fc.assert(
    fc.property(soup(TEMPLATE_PIECES), (source) => {
      expect(outcomeOf(() => execute(compileTemplate('t', source), DATA, { now: 0 }), TemplateError)).toBeTypeOf(
        'string',
      );
    }),
    { numRuns: 2000 },
  );
});

test('text without actions is written as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes('{{'));
      expect(execute(compileTemplate('t', text), {}, { now: 0 })).toBe(text);
    }),
  );
});

test('any text survives as a raw string and as JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const printed = execute(compileTemplate('t', '{{ .text }}{{ toRawJson .text }}'), { text }, { now: 0 });
      expect(printed).toBe(text + JSON.stringify(text));
    }),
  );
});

const PATH_PIECES = [
  '{',
  '}',
  '.',
  '..',
  '[',
  ']',
  '[0]',
  '[*]',
  '[-1]',
  '[1:2]',
  '[?(',
  ')]',
  '@',
  '$',
  '.a',
  '.b',
  '.a.b',
  '*',
  '==',
  '<',
  '"x"',
  '1',
  'range ',
  'end',
  "['a']",
  ',',
  ' ',
  'text',
  '{end}',
  '{range .a.b[*]}',
  '\\',
];

test('a JSONPath gives a text or a JsonPathError, nothing else', () => {
  fc.assert(
    fc.property(soup(PATH_PIECES), (source) => {
      expect(outcomeOf(() => renderJsonPath(parseJsonPath(source), DATA), JsonPathError)).toBeTypeOf('string');
    }),
    { numRuns: 2000 },
  );
});
