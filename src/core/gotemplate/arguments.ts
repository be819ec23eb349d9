import { affordableElements } from './budget.ts';
import { formatValue } from './format-value.ts';
import { Refusal } from './template-error.ts';
import type { TemplateFunction, TemplateMap, TemplateValue } from './template-value.ts';
import { isList, isMap, isNil, typeOf } from './template-value.ts';

/** A function that refuses to be called with another number of arguments. */
export function takes(count: number | readonly [least: number, most: number], run: TemplateFunction): TemplateFunction {
  const [least, most] = typeof count === 'number' ? [count, count] : count;
  return (...args) => {
    if (args.length < least || args.length > most) {
      const wanted = least === most ? String(least) : `at least ${least}`;
      throw new Refusal(`wrong number of args: want ${wanted} got ${args.length}`);
    }
    return run(...args);
  };
}

/** A text; nothing else is turned into one, as in Go. */
export function text(value: TemplateValue): string {
  if (typeof value !== 'string') throw wrongType('string', value);
  return value;
}

/** A list; nil is an empty one. */
export function list(value: TemplateValue): readonly TemplateValue[] {
  if (isNil(value)) return [];
  if (!isList(value)) throw wrongType('list', value);
  return value;
}

/** A map; nil is an empty one. */
export function map(value: TemplateValue): TemplateMap {
  if (isNil(value)) return {};
  if (!isMap(value)) throw wrongType('map', value);
  return value;
}

function wrongType(wanted: string, value: TemplateValue): Refusal {
  return new Refusal(`wrong type: expected ${wanted}; got ${typeOf(value)}`);
}

/** A number made of anything as sprig does it: texts are read, true is 1, what is no number is 0. */
export function float(value: TemplateValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string' || value.trim() === '') return 0;
  const number = Number(value);
  return Number.isNaN(number) ? 0 : number;
}

/** `float` cut to an integer. */
export function integer(value: TemplateValue): number {
  const number = Math.trunc(float(value));
  return Number.isFinite(number) ? number + 0 : 0;
}

/** Texts of a list's elements; a single value is a list of one. */
export function texts(value: TemplateValue): readonly string[] {
  return (isList(value) ? value : [value]).filter((element) => !isNil(element)).map(formatValue);
}

/** The integers from 0 up to, but without, `end`. */
export function numbersBelow(end: number): readonly number[] {
  return Array.from({ length: affordableElements(Math.max(0, end)) }, (_unused, i) => i);
}
