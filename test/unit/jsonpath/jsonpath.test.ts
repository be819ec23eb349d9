import { describe, expect, test } from 'vitest';
import { findValues } from '../../../src/core/jsonpath/evaluate.ts';
import { JsonPathError } from '../../../src/core/jsonpath/json-path-error.ts';
import { parseJsonPath, parseRelaxedJsonPath } from '../../../src/core/jsonpath/parse.ts';
import { renderJsonPath } from '../../../src/core/jsonpath/render.ts';

const list = {
  kind: 'List',
  count: 2,
  ratio: 0.25,
  items: [
    {
      metadata: { name: 'web', labels: { app: 'web', 'example.com/tier': 'front' } },
      status: {
        ready: true,
        replicas: 3,
        conditions: [
          { type: 'Available', status: 'True' },
          { type: 'Progressing', status: 'False' },
        ],
      },
    },
    { metadata: { name: 'api', labels: {} }, status: { ready: false, replicas: 1, conditions: [] } },
  ],
  numbers: [10, 20, 30, 40, 50],
  users: { name: 'none' },
};

const render = (source: string): string => renderJsonPath(parseJsonPath(source), list);

describe('renders as kubectl', () => {
  test.each([
    ['kind is {.kind}', 'kind is List'],
    ['{$.kind}', 'List'],
    ['{@.count}', '2'],
    ['{.ratio} {.items[0].status.ready}', '0.25 true'],
    ['{.items[*].metadata.name}', 'web api'],
    ['{.items[0].metadata.name}{"\\t"}{.items[-1].metadata.name}{"\\n"}', 'web\tapi\n'],
    ['{range .items[*]}[{.metadata.name}: {.status.replicas}] {end}done', '[web: 3] [api: 1] done'],
    [
      '{range .items[*]}{.metadata.name}({range .status.conditions[*]}{.type},{end});{end}',
      'web(Available,Progressing,);api();',
    ],
    ['{range .items[*]}{.metadata.name}', 'webapi'],
    ['{.items[?(@.metadata.name=="api")].status.replicas}', '1'],
    ["{.items[?(@.metadata.name=='web')].status.replicas}", '3'],
    ['{.items[?(@.status.replicas > 2)].metadata.name}', 'web'],
    ['{.items[?(@.status.replicas<=1)].metadata.name}', 'api'],
    ['{.items[?(@.status.ready!=true)].metadata.name}', 'api'],
    ['{.items[?(@.metadata.labels.app)].metadata.name}', 'web'],
    ['{.items[0].status.conditions[?(@.type=="Progressing")].status}', 'False'],
    ['{.items[?(@.status.conditions[?(@.type=="Available")])].metadata.name}', 'web'],
    ['{.items[0].metadata.labels.example\\.com/tier}', 'front'],
    ["{.items[0].metadata.labels['example.com/tier']}", 'front'],
    ["{.items[0].metadata.labels['example\\.com/tier']}", 'front'],
    ["{.items[0].metadata['name','labels']}", 'web {"app":"web","example.com/tier":"front"}'],
    ['{.numbers[1:3]}', '20 30'],
    ['{.numbers[:2]}', '10 20'],
    ['{.numbers[-2:]}', '40 50'],
    ['{.numbers[::2]}', '10 30 50'],
    ['{.numbers[0,3,-1]}', '10 40 50'],
    ['{.numbers[2:2]}', ''],
    ['{.numbers}', '[10,20,30,40,50]'],
    ['{..name}', 'web api none'],
    ['{..conditions[*].type}', 'Available Progressing'],
    ['{.users.*}', 'none'],
    ['{.kind}-{.users}', 'List-{"name":"none"}'],
    ['no action', 'no action'],
    ['', ''],
  ])('%s', (source, expected) => {
    expect(render(source)).toBe(expected);
  });
});

describe('missing fields', () => {
  const path = parseJsonPath('{.status.phase}');

  test('are an error', () => {
    expect(() => renderJsonPath(path, { status: {} })).toThrow('jsonpath "{.status.phase}": phase is not found');
  });

  test('or nothing, as kubectl has it', () => {
    expect(renderJsonPath(path, {}, { allowMissingKeys: true })).toBe('');
    expect(findValues(path, { status: { phase: null } })).toEqual([null]);
    expect(findValues(path, { status: null })).toEqual([]);
  });

  test('what every object inherits is missing too', () => {
    expect(findValues(parseJsonPath('{.constructor}'), {}, { allowMissingKeys: true })).toEqual([]);
  });
});

test('values keep their types', () => {
  expect(findValues(parseJsonPath('{$.items[*].status.replicas}'), list)).toEqual([3, 1]);
  expect(findValues(parseJsonPath('{$.users}'), list)).toEqual([{ name: 'none' }]);
});

test.each(['kind', '.kind', '{kind}', '{.kind}', '$.kind'])('relaxed: %s', (source) => {
  expect(findValues(parseRelaxedJsonPath(source), list)).toEqual(['List']);
});

describe('errors say where', () => {
  test.each([
    ['{.a', 'character 4: unclosed action'],
    ['a {.b[}', 'character 6: invalid array index'],
    ['{.a[1', 'unterminated array'],
    ['{.a[x]}', 'character 4: invalid array index'],
    ['{.a[?(@.b=="c")}', 'character 4: unterminated filter'],
    ['{.a[?(@.b===1)]}', 'unrecognized filter operator'],
    ['{.a[?(@.b=="c]}', 'character 12: unterminated quoted string'],
    ['{"x}', 'character 2: unterminated quoted string'],
    ['{end}', 'character 1: end without range'],
    ['{....a}', 'character 4: invalid multiple recursive descent'],
    ['{foo}', 'character 2: unrecognized identifier foo'],
    ['{.a#}{#}', 'character 7: unrecognized character in action'],
    ['{1.2.3}', 'cannot parse number 1.2.3'],
  ])('%s', (source, message) => {
    expect(() => parseJsonPath(source)).toThrow(JsonPathError);
    expect(() => parseJsonPath(source)).toThrow(message);
  });

  test.each([
    ['{.numbers[5]}', 'array index out of bounds: index 5, length 5'],
    ['{.numbers[-6]}', 'array index out of bounds: index -6, length 5'],
    ['{.numbers[1:9]}', 'array index out of bounds: index 8, length 5'],
    ['{.numbers[3:1]}', 'starting index 3 is greater than ending index 1'],
    ['{.kind[0]}', 'the string "List" is not a list'],
    ['{.items[?(@.metadata.name==1)]}', 'cannot compare the string "web" with the number 1'],
    ['{.items[?(@.metadata.labels.*=="web")]}', 'can only compare one element at a time'],
  ])('%s', (source, message) => {
    expect(() => render(source)).toThrow(message);
  });
});

test('a path that explodes is refused', () => {
  const deep = Array.from({ length: 40 }).reduce<object>((inner) => ({ a: inner, b: inner }), { a: 1 });
  expect(() => findValues(parseJsonPath('{..a}'), deep)).toThrow('selects more than 100000 values');
});

test('data that is nested without end is refused', () => {
  const deep = Array.from({ length: 5000 }).reduce<object>((inner) => [inner], [1]);
  expect(() => findValues(parseJsonPath('{..a}'), deep)).toThrow('nested more than 500 deep');
});
