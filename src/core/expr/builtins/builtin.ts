import type { EpochMs } from '../../../api/time.ts';
import type { Budget } from '../limits.ts';
import { Fault } from '../limits.ts';
import { goTypeOf } from '../type-of.ts';
import type { StaticType } from '../types.ts';
import type { ExprList, ExprMap, ExprValue } from '../values.ts';
import { floatToInt, isList, isMap } from '../values.ts';

/** What a parameter accepts, for the checker: a label for the message and a test on known types. */
export type Parameter = { readonly label: string; readonly accepts: (type: StaticType) => boolean };

/** A built-in function. */
export type Builtin = {
  readonly params: readonly Parameter[];
  /** How many arguments must be given; the rest of `params` is optional. */
  readonly required: number;
  /** Whether the last parameter may be repeated. */
  readonly variadic?: true;
  readonly result: StaticType | ((args: readonly StaticType[]) => StaticType);
  readonly call: (args: Arguments) => ExprValue;
};

const kinds = (label: string, ...accepted: readonly StaticType['kind'][]): Parameter => ({
  label,
  accepts: ({ kind }) => accepted.includes(kind),
});

export const ANYTHING: Parameter = { label: 'interface {}', accepts: () => true };
export const TEXT = kinds('string', 'string');
export const INTEGER = kinds('int', 'int');
export const NUMBER = kinds('number', 'int', 'float');
export const NUMBER_OR_TEXT = kinds('number or string', 'int', 'float', 'string');
export const NUMBERS = kinds('number or array', 'int', 'float', 'list');
export const ARRAY = kinds('array', 'list');
export const MAPPING = kinds('map', 'map');
export const SIZED = kinds('array, map or string', 'list', 'map', 'string');
export const INDEXABLE = kinds('array or map', 'list', 'map');

/** What a call can use besides its arguments. */
export type CallContext = { readonly budget: Budget; readonly now: EpochMs | undefined };

/** The arguments of one call; the readers throw Fault when an argument is of another type. */
export class Arguments {
  readonly name: string;
  readonly values: readonly ExprValue[];
  readonly budget: Budget;
  readonly now: EpochMs | undefined;

  constructor(name: string, values: readonly ExprValue[], context: CallContext) {
    this.name = name;
    this.values = values;
    this.budget = context.budget;
    this.now = context.now;
  }

  value(index: number): ExprValue {
    return this.values[index] ?? null;
  }

  /** Text, whose length is charged: most functions read all of it. */
  text(index: number): string {
    const value = this.value(index);
    if (typeof value !== 'string') return this.wrong(value, 'string');
    this.budget.read(value);
    return value;
  }

  optionalText(index: number): string | undefined {
    return index < this.values.length ? this.text(index) : undefined;
  }

  integer(index: number): bigint {
    const value = this.value(index);
    return typeof value === 'bigint' ? value : this.wrong(value, 'int');
  }

  /** A count as a JavaScript number, where Go converts floats too. */
  count(index: number): number {
    const value = this.value(index);
    if (typeof value === 'number') return Number(floatToInt(value));
    return Number(this.integer(index));
  }

  list(index: number): ExprList {
    const value = this.value(index);
    return isList(value) ? value : this.wrong(value, 'array');
  }

  map(index: number): ExprMap {
    const value = this.value(index);
    return isMap(value) ? value : this.wrong(value, 'map');
  }

  wrong(value: ExprValue, wanted: string): never {
    throw new Fault(`cannot use ${goTypeOf(value)} as argument (type ${wanted}) to call ${this.name}`);
  }
}
