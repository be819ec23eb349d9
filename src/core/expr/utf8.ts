/**
 * Go's strings are bytes, JavaScript's are UTF-16. Offsets, slices and order follow Go: they are those of the UTF-8
 * form. A slice that cuts through a character yields U+FFFD there, since a JavaScript string cannot hold half of one.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text);
export const decodeUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

// oxlint-disable-next-line no-control-regex -- the question is whether every character is ASCII
const ASCII = /^[\u0000-\u007f]*$/;
const isAscii = (text: string): boolean => ASCII.test(text);

export const byteLength = (text: string): number => (isAscii(text) ? text.length : encodeUtf8(text).length);

/** The offset in bytes that corresponds to an offset in UTF-16 units; -1 stays -1. */
export const byteOffset = (text: string, offset: number): number =>
  offset <= 0 ? offset : byteLength(text.slice(0, offset));

/** The bytes `from` up to `to` of a string. */
export const sliceBytes = (text: string, from: number, to: number): string =>
  isAscii(text) ? text.slice(from, to) : decodeUtf8(encodeUtf8(text).subarray(from, to));

export const byteAt = (text: string, index: number): number | undefined =>
  isAscii(text) ? text.charCodeAt(index) : encodeUtf8(text)[index];

/** The characters (code points) of a text, each as a string. */
export const charactersOf = (text: string): string[] => Array.from(text);

export function runeCount(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}

/** Order by UTF-8 bytes, which is order by code points. Negative, zero or positive. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return codeUnitRank(x) - codeUnitRank(y);
  }
  return a.length - b.length;
}

/** UTF-16 puts surrogates (characters above U+FFFF) before U+E000 to U+FFFF; code point order puts them last. */
function codeUnitRank(unit: number): number {
  const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
  return isSurrogate ? unit + 0x10000 : unit;
}
