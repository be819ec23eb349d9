import { fulfils, type Requirement } from '../core/values/labels.ts';
import { parseSelector } from '../core/values/selector-parser.ts';
import { ValueError } from '../core/values/value-error.ts';
import { stringAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import type { ResourceType } from './resource-type.ts';
import { badRequest } from './status-error.ts';

/** Decides whether an object is meant by a selector. */
export type Matcher = (object: KubeObject) => boolean;

/** Parses a label selector such as `app=web,tier in (a, b),!legacy`. Throws a 400 for text that is none. */
export function parseLabelSelector(text: string): Matcher {
  const requirements = requirementsIn(text);
  return (object) => fulfils(requirements, object.metadata.labels);
}

function requirementsIn(text: string): readonly Requirement[] {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof ValueError) throw badRequest(`unable to parse requirement: ${error.message}`);
    throw error;
  }
}

/**
 * Parses a field selector such as `metadata.name=x,status.phase!=Running`. Throws a 400 for a field that the kind does
 * not offer: every kind offers name and namespace.
 */
export function parseFieldSelector(text: string, { builtIn, selectableFields: fields }: ResourceType): Matcher {
  const known = new Set([...COMMON_FIELDS, ...fields]);
  const tests = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part): Matcher => {
      const match = /^\s*([^!=\s]+)\s*(==|=|!=)\s*(.*)$/.exec(part);
      if (match === null) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
      const [, field = '', operator, value = ''] = match;
      if (!known.has(field)) throw badRequest(unknownField(field, fields.length > 0 || !builtIn));
      const path = field.split('.');
      return (object) => ((fieldText(object, path) ?? '') === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

const COMMON_FIELDS = ['metadata.name', 'metadata.namespace'];

/** Kinds with fields of their own, and custom ones, say it in other words than the rest. */
function unknownField(field: string, isSpecial: boolean): string {
  if (isSpecial) return `field label not supported: ${field}`;
  const names = COMMON_FIELDS.map((name) => JSON.stringify(name)).join(', ');
  return `${JSON.stringify(field)} is not a known field selector: only ${names}`;
}

function fieldText(object: KubeObject, path: readonly string[]): string | undefined {
  // `source` of an Event is its component, and so is `reportingComponent` where that is absent.
  if (path.length === 1 && path[0] === 'source') return stringAt(object, 'source', 'component');
  return stringAt(object, ...path);
}
