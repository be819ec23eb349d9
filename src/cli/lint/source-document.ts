import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type Tags } from 'yaml';
import { isJsonArray, isJsonObject, type JsonObject } from '../../core/values/json.ts';
import type { Place } from './finding.ts';

/** A manifest and where each field of it stands. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  /** Place of a field such as `spec.steps[0].setWeight`, or of the nearest one around it that exists. */
  placeOf(field: string): Place;
}

export interface ParsedSource {
  readonly documents: readonly SourceDocument[];
  readonly syntaxErrors: readonly { readonly place: Place; readonly message: string }[];
}

/**
 * Splits a text into its YAML documents, read as the API server reads them: YAML 1.1 (`on` is true), but timestamps and
 * base-60 numbers are texts, and a key must not occur twice. A List counts as its items.
 */
export function parseSource(file: string, text: string): ParsedSource {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const documents: SourceDocument[] = [];
  const syntaxErrors: { place: Place; message: string }[] = [];
  const options = { version: '1.1', lineCounter: lines, prettyErrors: false, customTags: withoutTimes } as const;
  for (const document of parseAllDocuments(text, options)) {
    const { errors, contents } = document;
    syntaxErrors.push(...errors.map(({ pos, message }) => ({ place: placeAt(pos[0]), message })));
    if (errors.length > 0 || contents === null) continue;
    const value: unknown = document.toJS();
    if (value !== null) documents.push(...manifestsOf(file, value, contents, placeAt));
  }
  return { documents, syntaxErrors };
}

/** The API server's YAML library knows neither dates nor base 60 where any JSON value may stand. */
function withoutTimes(tags: Tags): Tags {
  return tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      (tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME')),
  );
}

type PlaceAt = (offset: number) => Place;

function manifestsOf(file: string, value: unknown, node: Node, placeAt: PlaceAt): readonly SourceDocument[] {
  const items = isList(value) ? value['items'] : undefined;
  if (!isJsonArray(items)) return [documentOf(file, value, node, placeAt)];
  return items.map((item, index) =>
    documentOf(file, item, childOf(childOf(node, 'items')?.value, index)?.value ?? node, placeAt),
  );
}

/** `kind: List`, and the lists of single kinds that the API server answers with. */
function isList(value: unknown): value is JsonObject {
  return isJsonObject(value) && typeof value['kind'] === 'string' && value['kind'].endsWith('List');
}

function documentOf(file: string, value: unknown, root: Node, placeAt: PlaceAt): SourceDocument {
  return {
    file,
    value,
    placeOf(field) {
      let offset = root.range?.[0] ?? 0;
      let node: Node | undefined = root;
      for (const segment of segmentsOf(field)) {
        const child = childOf(node, segment);
        if (child === undefined) break;
        offset = child.offset;
        node = child.value;
      }
      return placeAt(offset);
    },
  };
}

/** `a.b[0]["c.d"]` → `a`, `b`, 0, `c.d`. */
function segmentsOf(field: string): readonly (string | number)[] {
  return [...field.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, index, quoted, name]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? (name ?? '') : String(JSON.parse(quoted));
  });
}

interface Child {
  /** Where the key stands, or the item of a list. */
  readonly offset: number;
  readonly value: Node | undefined;
}

function childOf(node: Node | undefined, segment: string | number): Child | undefined {
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
    return pair === undefined ? undefined : { offset: pair.key.range?.[0] ?? 0, value: pair.value ?? undefined };
  }
  if (isSeq<Node>(node) && typeof segment === 'number') {
    const item = node.items[segment];
    return item === undefined ? undefined : { offset: item.range?.[0] ?? 0, value: item };
  }
  // What an alias stands for is written elsewhere: the alias itself is the place to look at.
  return undefined;
}
