import type { Argument } from '../../api/analysis.ts';
import type { AnalysisRunArgument } from '../../api/rollout-analysis.ts';
import { isJsonArray, isJsonObject, type JsonValue, member } from '../values/json.ts';
import type { Facts } from './facts.ts';

/**
 * The arguments of a Rollout's analysis with their values, as they are when the run is made (4.4 of Argo Rollouts'
 * reference). One whose value is nowhere keeps none, so that a default of the template can stand in for it.
 */
export function resolveArguments(facts: Facts, args: readonly AnalysisRunArgument[]): readonly Argument[] {
  return args.map((argument) => {
    const value = valueOf(facts, argument);
    return { name: argument.name, ...(value === undefined ? {} : { value }) };
  });
}

function valueOf(facts: Facts, { value, valueFrom }: AnalysisRunArgument): string | undefined {
  if (value !== undefined) return value;
  switch (valueFrom?.podTemplateHashValue) {
    case 'Latest':
      return facts.currentHash;
    case 'Stable':
      return facts.stableHash;
    default:
      return valueFrom?.fieldRef === undefined ? undefined : fieldOf(facts, valueFrom.fieldRef.fieldPath);
  }
}

/** A path into the Rollout: `metadata.labels['region']`, `spec.template.spec.containers[0].image`. */
function fieldOf({ rollout }: Facts, path: string): string | undefined {
  let value: unknown = rollout;
  for (const key of keysOf(path)) {
    if (isJsonArray(value)) value = value[Number(key)];
    else if (isJsonObject(value)) value = member(value, key);
    else return undefined;
  }
  return textOf(value);
}

function keysOf(path: string): readonly string[] {
  return [...path.matchAll(/\['([^']*)'\]|\["([^"]*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(
    ([, single, double, bare, plain]) => single ?? double ?? bare ?? plain ?? '',
  );
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return isJsonArray(value) || isJsonObject(value) ? JSON.stringify(value satisfies JsonValue) : undefined;
}
