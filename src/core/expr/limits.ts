/** The bounds that keep an expression from a manifest from harming the controller. */

/** Longest source accepted, in UTF-16 units. Far above any condition seen in the field; bounds lexing time. */
export const MAX_SOURCE_LENGTH = 65_536;

/** Most nodes in one syntax tree: the default of expr v1.17. */
export const MAX_NODES = 10_000;

/** Deepest nesting of a syntax tree or of a value. Keeps the recursive walkers far from the JavaScript stack's end. */
export const MAX_DEPTH = 200;

/** Most elementary steps in one evaluation: some tens of milliseconds, so that one condition cannot hold the event loop. */
const MAX_STEPS = 1_000_000;

/** Most memory cells (list items, map entries, characters) made in one evaluation: the default budget of expr v1.17. */
const MAX_CELLS = 1_000_000;

/** Longest subject of `matches`, in UTF-16 units. */
export const MAX_MATCH_INPUT = 65_536;

/** How many characters a native string function reads in about the time of one step of the interpreter. */
const CHARACTERS_PER_STEP = 16;

/** Counts what one evaluation has used; every loop over data charges it before it does the work. */
export class Budget {
  #steps = MAX_STEPS;
  #cells = MAX_CELLS;

  /** Charges `count` elementary steps. Throws {@link Fault} when the evaluation has had its share. */
  step(count = 1): void {
    this.#steps -= count;
    if (this.#steps < 0) throw new Fault(`step budget exceeded (${MAX_STEPS} steps)`);
  }

  /** Charges for a native function that reads all of a text: many characters in the time of one step. */
  read(text: string): void {
    this.step(1 + Math.floor(text.length / CHARACTERS_PER_STEP));
  }

  /** Charges `count` cells of new memory, and as many steps. Throws {@link Fault} like {@link step}. */
  allocate(count: number): void {
    this.#cells -= count;
    if (this.#cells < 0) throw new Fault(`memory budget exceeded (${MAX_CELLS} cells)`);
    this.step(count);
  }
}

/** A failure below the level that knows positions; `evaluate` and `compile` turn it into an ExprError. */
export class Fault extends Error {
  override readonly name = 'Fault';
}
