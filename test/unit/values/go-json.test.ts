import { expect, test } from 'vitest';
import { goJson, goRawJson, goString } from '../../../src/core/values/go-json.ts';

const TABLE = {
  Outer: 'z:string a?:string inner:Inner pointer?:*Inner list:[]int map?:{}string when:time later?:time',
  Inner: 'flag?:bool size?:*int limit?:*quantity any?:raw port:intOrString',
};

test('fields in declared order; zero values spelled out unless omitted', () => {
  expect(goJson(TABLE, 'Outer', {})).toBe('{"z":"","inner":{"port":0},"list":null,"when":null}');
});

test('an explicit zero survives behind a pointer only', () => {
  const value = { a: '', pointer: { flag: false, size: 0, port: '' }, map: {}, list: [] };
  expect(goJson(TABLE, 'Outer', value)).toBe(
    '{"z":"","inner":{"port":0},"pointer":{"size":0,"port":""},"list":[],"when":null}',
  );
});

test('map keys sorted by bytes, unknown fields dropped, times in UTC', () => {
  const value = { unknown: 1, map: { '\u{1f600}': '1', '\uffee': '2', b: '3' }, when: '2024-01-02T03:04:05+02:00' };
  expect(goJson(TABLE, 'Outer', value)).toBe(
    '{"z":"","inner":{"port":0},"list":null,"map":{"b":"3","\uffee":"2","\u{1f600}":"1"},"when":"2024-01-02T01:04:05Z"}',
  );
});

test('texts are escaped for HTML', () => {
  expect(goString('<a & "b">\n\u2028\u0001')).toBe(String.raw`"\u003ca \u0026 \"b\"\u003e\n\u2028\u0001"`);
  expect(goRawJson({ b: [1.5, null, { y: '<', x: undefined }], a: true })).toBe(
    String.raw`{"a":true,"b":[1.5,null,{"y":"\u003c"}]}`,
  );
});

test('a wrong type names its path', () => {
  expect(() => goJson(TABLE, 'Outer', { pointer: { size: 1.5 } })).toThrow('pointer.size: want an integer, got 1.5');
  expect(() => goJson(TABLE, 'Outer', { list: {} })).toThrow('list: want a list, got {}');
  expect(() => goJson(TABLE, 'Outer', { when: 'noon' })).toThrow('when: want an RFC 3339 time, got "noon"');
});
