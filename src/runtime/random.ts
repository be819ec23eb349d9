/** A source of numbers in [0, 1). Production injects `Math.random`; tests inject a seeded one. */
export type Random = () => number;
