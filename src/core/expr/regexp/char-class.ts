/** Whether a code point belongs to a class. */
export type CharTest = (point: number) => boolean;

export const equals =
  (wanted: number): CharTest =>
  (point) =>
    point === wanted;

export const range =
  (low: number, high: number): CharTest =>
  (point) =>
    point >= low && point <= high;

export const not =
  (test: CharTest): CharTest =>
  (point) =>
    !test(point);

export const anyOf =
  (tests: readonly CharTest[]): CharTest =>
  (point) =>
    tests.some((test) => test(point));

/** Lets a test pass for the other case of a character too. */
export const foldCase =
  (test: CharTest): CharTest =>
  (point) => {
    if (test(point)) return true;
    const char = String.fromCodePoint(point);
    return [char.toLowerCase(), char.toUpperCase()].some((other) => {
      const folded = other.codePointAt(0);
      return folded !== undefined && String.fromCodePoint(folded) === other && test(folded);
    });
  };

const between = (low: string, high: string): CharTest => range(low.charCodeAt(0), high.charCodeAt(0));

const digit = between('0', '9');
const upper = between('A', 'Z');
const lower = between('a', 'z');
const alpha = anyOf([upper, lower]);
const alnum = anyOf([alpha, digit]);
export const isWord: CharTest = anyOf([alnum, equals(0x5f)]);
/** Go's `\s` has no vertical tab. */
const perlSpace = anyOf([0x09, 0x0a, 0x0c, 0x0d, 0x20].map(equals));

const PERL: ReadonlyMap<string, CharTest> = new Map([
  ['d', digit],
  ['D', not(digit)],
  ['w', isWord],
  ['W', not(isWord)],
  ['s', perlSpace],
  ['S', not(perlSpace)],
]);

/** The class of `\d`, `\D`, `\w`, `\W`, `\s` or `\S`, all of them ASCII. */
export const namedClass = (letter: string): CharTest | undefined => PERL.get(letter);

export const POSIX_CLASSES: ReadonlyMap<string, CharTest> = new Map([
  ['alnum', alnum],
  ['alpha', alpha],
  ['ascii', range(0, 0x7f)],
  ['blank', anyOf([equals(0x09), equals(0x20)])],
  ['cntrl', anyOf([range(0, 0x1f), equals(0x7f)])],
  ['digit', digit],
  ['graph', range(0x21, 0x7e)],
  ['lower', lower],
  ['print', range(0x20, 0x7e)],
  ['punct', anyOf([between('!', '/'), between(':', '@'), between('[', '`'), between('{', '~')])],
  ['space', anyOf([range(0x09, 0x0d), equals(0x20)])],
  ['upper', upper],
  ['word', isWord],
  ['xdigit', anyOf([digit, between('A', 'F'), between('a', 'f')])],
]);

/** The class of `\p{name}`: a general category such as `Lu` or a script such as `Greek`; undefined for others. */
export function unicodeClass(name: string): CharTest | undefined {
  const expression = tryRegExp(`^\\p{${name}}$`) ?? tryRegExp(`^\\p{Script=${name}}$`);
  return expression && ((point) => expression.test(String.fromCodePoint(point)));
}

function tryRegExp(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'u');
  } catch {
    return undefined;
  }
}
