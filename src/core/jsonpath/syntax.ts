/** A JSONPath template: text around actions in braces. */
export interface JsonPath {
  readonly source: string;
  readonly items: readonly Item[];
}

/** A part of a template. */
export type Item =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'range'; readonly path: Path; readonly body: readonly Item[] };

/** Steps from the current value to the results. */
export type Path = readonly Step[];

/** One step: maps each value that it gets to any number of values. */
export type Step =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly start?: number; readonly end?: number; readonly step?: number }
  | { readonly kind: 'union'; readonly branches: readonly Path[] }
  | { readonly kind: 'exists'; readonly path: Path }
  | { readonly kind: 'compare'; readonly left: Path; readonly operator: Comparison; readonly right: Path };

export const COMPARISONS = ['==', '!=', '<=', '>=', '<', '>'] as const;
export type Comparison = (typeof COMPARISONS)[number];
