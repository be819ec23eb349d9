import { stringAt, stringMapAt, treesAt, valueAt } from './json-tree.ts';

/** A `LabelSelector` in the form of a query parameter: `app=web,tier in (a,b)`. */
export function labelSelectorText(selector: unknown): string {
  const labels = Object.entries(stringMapAt(selector, 'matchLabels')).map(([key, value]) => `${key}=${value}`);
  const expressions = treesAt(selector, 'matchExpressions').map((expression) => {
    const key = stringAt(expression, 'key') ?? '';
    const values = valueAt(expression, 'values');
    const list = Array.isArray(values) ? values.join(',') : '';
    switch (stringAt(expression, 'operator')) {
      case 'In':
        return `${key} in (${list})`;
      case 'NotIn':
        return `${key} notin (${list})`;
      case 'DoesNotExist':
        return `!${key}`;
      default:
        return key;
    }
  });
  return [...labels.sort(), ...expressions].join(',');
}
