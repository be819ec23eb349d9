import { float, integer, numbersBelow, takes } from './arguments.ts';
import { affordableElements } from './budget.ts';
import { Refusal } from './template-error.ts';
import type { TemplateFunction, TemplateValue } from './template-value.ts';

const SOME: readonly [number, number] = [1, Number.POSITIVE_INFINITY];

/** Sprig's arithmetic. Without `f` at the end of the name it is on integers. */
export const NUMBER_FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['add', takes(SOME, (...values) => sum(values.map(integer)))],
  ['add1', takes(1, (value) => integer(value) + 1)],
  ['sub', takes(2, (left, right) => integer(left) - integer(right))],
  ['mul', takes(SOME, (...values) => values.map(integer).reduce((product, factor) => product * factor, 1))],
  ['div', takes(2, (left, right) => Math.trunc(integer(left) / divisor(integer(right))))],
  ['mod', takes(2, (left, right) => integer(left) % divisor(integer(right)))],
  ['max', takes(SOME, (...values) => Math.max(...values.map(integer)))],
  ['min', takes(SOME, (...values) => Math.min(...values.map(integer)))],
  ['addf', takes(SOME, (...values) => sum(values.map(float)))],
  ['subf', takes(2, (left, right) => float(left) - float(right))],
  ['mulf', takes(SOME, (...values) => values.map(float).reduce((product, factor) => product * factor, 1))],
  ['divf', takes(2, (left, right) => float(left) / divisor(float(right)))],
  ['maxf', takes(SOME, (...values) => Math.max(...values.map(float)))],
  ['minf', takes(SOME, (...values) => Math.min(...values.map(float)))],
  ['floor', takes(1, (value) => Math.floor(float(value)))],
  ['ceil', takes(1, (value) => Math.ceil(float(value)))],
  ['round', takes([2, 3], round)],
  ['int', takes(1, integer)],
  ['int64', takes(1, integer)],
  ['float64', takes(1, float)],
  ['atoi', takes(1, integer)],
  ['until', takes(1, (end) => until(0, integer(end), integer(end) < 0 ? -1 : 1))],
  ['untilStep', takes(3, (start, end, step) => until(integer(start), integer(end), integer(step)))],
]);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function divisor(value: number): number {
  if (value === 0) throw new Refusal('divide by zero');
  return value;
}

/** Half away from zero, unless the third argument moves the threshold. */
function round(value: TemplateValue, places: TemplateValue, threshold: TemplateValue = 0.5): number {
  const scale = 10 ** integer(places);
  const scaled = float(value) * scale;
  const whole = Math.trunc(scaled);
  const away = Math.abs(scaled - whole) >= float(threshold) ? Math.sign(scaled) : 0;
  return (whole + away) / scale;
}

function until(start: number, end: number, step: number): readonly number[] {
  if (step === 0 || Math.sign(end - start) !== Math.sign(step)) return [];
  const count = affordableElements(Math.ceil((end - start) / step));
  return numbersBelow(count).map((i) => start + i * step);
}
