/** POSIX classes of Go's RE2 that JavaScript lacks, as the inside of a bracket expression. */
const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

const compiled = new Map<string, RegExp>();

/**
 * Compiles a pattern written for Go's `regexp` as a JavaScript one: leading flags, named groups, `\A`, `\z` and POSIX
 * classes are rewritten. Each pattern is compiled once: they come from schemas, which are few.
 *
 * @throws SyntaxError when the pattern is malformed.
 */
export function compileGoPattern(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const fresh = compile(pattern);
  compiled.set(pattern, fresh);
  return fresh;
}

function compile(pattern: string): RegExp {
  const leading = /^\(\?([ims]+)\)/.exec(pattern);
  const flags = leading?.[1] ?? '';
  const source = pattern
    .slice(leading?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll(/\[:([a-z]+):\]/g, (whole, name: string) => POSIX_CLASSES[name] ?? whole);
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    // Unicode mode refuses escapes that Go allows, such as `\-` outside a class.
    return new RegExp(source, flags);
  }
}
