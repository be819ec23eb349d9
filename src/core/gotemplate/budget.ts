import { Refusal } from './template-error.ts';

/** Longest output, and longest text that a function may build, in UTF-16 units. */
const MAX_TEXT = 1_000_000;
/** Nodes executed, functions called and elements visited. */
const MAX_STEPS = 100_000;
/** A function's result costs one step per so many characters or elements, so that copying is not free. */
const UNITS_PER_STEP = 64;
/** Elements of a list that a function builds. */
const MAX_ELEMENTS = 100_000;

/** What one execution may still spend: a template comes from a ConfigMap and must not hold up anything else. */
export class Budget {
  #steps = MAX_STEPS;
  #output = MAX_TEXT;

  /** @throws Refusal when the execution takes too long. */
  spend(steps = 1): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new Refusal(`takes more than ${MAX_STEPS} steps`);
  }

  /** @throws Refusal when the output gets too long. */
  write(length: number): void {
    this.#output -= length;
    if (this.#output < 0) throw new Refusal(`writes more than ${MAX_TEXT} characters`);
  }

  /** Charges for the size of what a function returned. */
  charge(result: unknown): void {
    this.spend(1 + Math.floor(sizeOf(result) / UNITS_PER_STEP));
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return affordableText(value.length);
  return Array.isArray(value) ? affordableElements(value.length) : 0;
}

/** The length of a text that a function is about to build, if that is not too much. */
export function affordableText(length: number): number {
  if (length > MAX_TEXT) throw new Refusal(`builds a text of more than ${MAX_TEXT} characters`);
  return length;
}

/** The length of a list that a function is about to build, if that is not too much. */
export function affordableElements(length: number): number {
  if (length > MAX_ELEMENTS) throw new Refusal(`builds a list of more than ${MAX_ELEMENTS} elements`);
  return length;
}
