import { stringAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { badRequest } from './status-error.ts';

/** Decides whether an object is meant by a selector. */
export type Matcher = (object: KubeObject) => boolean;

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

const SET_REQUIREMENT = /^\s*([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)\s*$/;
const COMPARISON = /^\s*([^\s!=<>,()]+)\s*(==|=|!=|>|<)\s*([^\s!=,()]*)\s*$/;
const EXISTENCE = /^\s*(!?)\s*([^\s!=<>,()]+)\s*$/;

/** Parses a label selector such as `app=web,tier in (a, b),!legacy`. Throws a 400 for text that is none. */
export function parseLabelSelector(text: string): Matcher {
  const tests = splitOutsideParentheses(text).map((part) => labelTest(part, text));
  return (object) => {
    const labels = object.metadata.labels ?? {};
    return tests.every((test) => test(labels));
  };
}

function splitOutsideParentheses(text: string): string[] {
  return text.trim() === '' ? [] : text.split(/,(?![^(]*\))/);
}

function labelTest(part: string, whole: string): LabelTest {
  const set = SET_REQUIREMENT.exec(part);
  if (set !== null) return setTest(set[1] ?? '', set[2] === 'in', set[3] ?? '');
  const comparison = COMPARISON.exec(part);
  if (comparison !== null) return comparisonTest(comparison[1] ?? '', comparison[2] ?? '', comparison[3] ?? '');
  const existence = EXISTENCE.exec(part);
  if (existence !== null) {
    const key = existence[2] ?? '';
    const wanted = existence[1] === '';
    return (labels) => Object.hasOwn(labels, key) === wanted;
  }
  throw badRequest(`unable to parse requirement: "${part}" in label selector "${whole}"`);
}

function setTest(key: string, isIn: boolean, list: string): LabelTest {
  const values = new Set(list.split(',').map((value) => value.trim()));
  return (labels) => {
    const value = labels[key];
    return value === undefined ? !isIn : values.has(value) === isIn;
  };
}

function comparisonTest(key: string, operator: string, value: string): LabelTest {
  switch (operator) {
    case '!=':
      return (labels) => labels[key] !== value;
    case '>':
      return (labels) => Number(labels[key]) > Number(value);
    case '<':
      return (labels) => Number(labels[key]) < Number(value);
    default:
      return (labels) => labels[key] === value;
  }
}

/**
 * Parses a field selector such as `metadata.name=x,status.phase!=Running`. Throws a 400 for a field that the kind does
 * not offer: every kind offers name and namespace, `fields` are those that it adds.
 */
export function parseFieldSelector(text: string, fields: readonly string[]): Matcher {
  const known = new Set(['metadata.name', 'metadata.namespace', ...fields]);
  const tests = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part): Matcher => {
      const match = /^\s*([^!=\s]+)\s*(==|=|!=)\s*(.*)$/.exec(part);
      if (match === null) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
      const [, field = '', operator, value = ''] = match;
      if (!known.has(field)) throw badRequest(`field label not supported: ${field}`);
      const path = field.split('.');
      return (object) => ((fieldText(object, path) ?? '') === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

function fieldText(object: KubeObject, path: readonly string[]): string | undefined {
  // `source` of an Event is its component, and so is `reportingComponent` where that is absent.
  if (path.length === 1 && path[0] === 'source') return stringAt(object, 'source', 'component');
  return stringAt(object, ...path);
}
