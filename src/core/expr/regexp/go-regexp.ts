import { Fault } from '../limits.ts';
import type { CharTest } from './char-class.ts';
import { isWord } from './char-class.ts';
import type { Assertion, Pattern } from './syntax.ts';
import { parsePattern } from './syntax.ts';

/**
 * A compiled Go regular expression. It runs as a set of states that moves over the text once (Thompson's
 * construction), so its time is text length times pattern size whatever the pattern: no input makes it hang.
 */
export type GoRegExp = {
  /**
   * Whether the pattern is found anywhere in `text`, as Go's MatchString answers. `charge` is told the work of each
   * character before it is done and may throw to stop.
   */
  readonly test: (text: string, charge?: (steps: number) => void) => boolean;
};

/** Compiles RE2 syntax. Throws Fault (an Error) for bad syntax, look-around, back-references and too large patterns. */
export function compileRegExp(source: string): GoRegExp {
  const program: Instruction[] = [];
  const start = build(parsePattern(source), emit(program, { op: 'match' }), program);
  return { test: (text, charge) => run(program, start, text, charge) };
}

type Instruction =
  | { readonly op: 'match' }
  | { readonly op: 'char'; readonly test: CharTest; readonly next: number }
  | { readonly op: 'assert'; readonly assertion: Assertion; readonly next: number }
  | { readonly op: 'split'; readonly targets: readonly number[] };

/** Largest program, in instructions; `(a{1000}){1000}` would otherwise fill the memory. */
const MAX_PROGRAM = 20_000;

function emit(program: Instruction[], instruction: Instruction): number {
  if (program.length >= MAX_PROGRAM) throw new Fault('error parsing regexp: expression is too large');
  program.push(instruction);
  return program.length - 1;
}

/** Adds the instructions of `pattern`, which go on at `next`; returns where they start. */
function build(pattern: Pattern, next: number, program: Instruction[]): number {
  switch (pattern.kind) {
    case 'char':
      return emit(program, { op: 'char', test: pattern.test, next });
    case 'assert':
      return emit(program, { op: 'assert', assertion: pattern.assertion, next });
    case 'concat':
      return pattern.parts.reduceRight((after, part) => build(part, after, program), next);
    case 'either':
      return emit(program, { op: 'split', targets: pattern.parts.map((part) => build(part, next, program)) });
    case 'repeat':
      return buildRepeat(pattern, next, program);
  }
}

function buildRepeat(
  { inner, min, max }: Pattern & { readonly kind: 'repeat' },
  next: number,
  program: Instruction[],
): number {
  let start = next;
  if (max === Infinity) {
    const targets = [next];
    start = emit(program, { op: 'split', targets });
    targets.push(build(inner, start, program));
  } else {
    for (let optional = max - min; optional > 0; optional -= 1) {
      start = emit(program, { op: 'split', targets: [next, build(inner, start, program)] });
    }
  }
  for (let required = min; required > 0; required -= 1) {
    // The extra instruction counts the repetition even where `inner` is empty, so that MAX_PROGRAM bounds this loop too.
    start = emit(program, { op: 'split', targets: [build(inner, start, program)] });
  }
  return start;
}

type Neighbours = { readonly before: number | undefined; readonly after: number | undefined };

const NEWLINE = 0x0a;

function holds(assertion: Assertion, { before, after }: Neighbours): boolean {
  switch (assertion) {
    case 'textStart':
      return before === undefined;
    case 'textEnd':
      return after === undefined;
    case 'lineStart':
      return before === undefined || before === NEWLINE;
    case 'lineEnd':
      return after === undefined || after === NEWLINE;
    case 'wordBoundary':
      return isWordAt(before) !== isWordAt(after);
    case 'noWordBoundary':
      return isWordAt(before) === isWordAt(after);
  }
}

const isWordAt = (point: number | undefined): boolean => point !== undefined && isWord(point);

function run(program: readonly Instruction[], start: number, text: string, charge?: (steps: number) => void): boolean {
  // `visited` holds, for each instruction, the last position at which it was reached.
  const visited = new Int32Array(program.length).fill(-1);
  let states: number[] = [];
  let before: number | undefined;
  for (let at = 0; at <= text.length; ) {
    const after = text.codePointAt(at);
    const reached = closure(program, [...states, start], { before, after }, visited, at);
    charge?.(reached.work);
    if (reached.matched) return true;
    if (after === undefined) return false;
    states = reached.chars.flatMap((index) => {
      const instruction = program[index];
      return instruction?.op === 'char' && instruction.test(after) ? [instruction.next] : [];
    });
    before = after;
    at += after > 0xffff ? 2 : 1;
  }
  return false;
}

/** Follows everything that consumes no character, from `from`, at one position of the text. */
function closure(
  program: readonly Instruction[],
  from: readonly number[],
  neighbours: Neighbours,
  visited: Int32Array,
  at: number,
): { readonly chars: readonly number[]; readonly matched: boolean; readonly work: number } {
  const chars: number[] = [];
  const pending = [...from];
  let work = 1;
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    work += 1;
    const instruction = program[index];
    if (instruction === undefined || visited[index] === at) continue;
    visited[index] = at;
    if (instruction.op === 'match') return { chars, matched: true, work };
    if (instruction.op === 'char') chars.push(index);
    else if (instruction.op === 'split') pending.push(...instruction.targets);
    else if (holds(instruction.assertion, neighbours)) pending.push(instruction.next);
  }
  return { chars, matched: false, work };
}
