/** An expression that does not compile. */
export class CelError extends Error {
  /** Offset in the source, from 0. */
  readonly position: number;
  /** Without the position. */
  readonly reason: string;

  /** The message has the form of cel-go: `ERROR: <input>:1:8: undeclared reference to 'foo'`. */
  constructor(reason: string, source: string, position: number) {
    const before = source.slice(0, position).split('\n');
    super(`ERROR: <input>:${before.length}:${(before.at(-1) ?? '').length + 1}: ${reason}`);
    this.name = 'CelError';
    this.position = position;
    this.reason = reason;
  }
}

/** A failure while an expression is evaluated: `no such key: x`, `no such overload`, `division by zero`, … */
export class CelEvaluationError extends Error {
  override readonly name = 'CelEvaluationError';
}

export function noSuchOverload(): CelEvaluationError {
  return new CelEvaluationError('no such overload');
}
