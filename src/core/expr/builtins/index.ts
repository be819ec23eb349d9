import type { ExprValue } from '../values.ts';
import type { Builtin, CallContext } from './builtin.ts';
import { Arguments } from './builtin.ts';
import { COLLECTIONS } from './collections.ts';
import { CONVERSIONS } from './conversions.ts';
import { NUMERIC } from './numbers.ts';
import { TEXTS } from './texts.ts';
import { TIMES } from './times.ts';

/** Every built-in function that takes no predicate. */
const BUILTINS = { ...TEXTS, ...NUMERIC, ...COLLECTIONS, ...CONVERSIONS, ...TIMES };

export type BuiltinName = keyof typeof BUILTINS;

export function isBuiltinName(name: string): name is BuiltinName {
  return Object.hasOwn(BUILTINS, name);
}

export const builtinOf = (name: BuiltinName): Builtin => BUILTINS[name];

/** Calls a built-in whose number of arguments the checker has verified. Throws Fault. */
export function callBuiltin(name: BuiltinName, values: readonly ExprValue[], context: CallContext): ExprValue {
  return builtinOf(name).call(new Arguments(name, values, context));
}
