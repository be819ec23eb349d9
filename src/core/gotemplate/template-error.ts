/** A place in a template's source; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A template that cannot be read or executed. The message starts with `template: NAME:LINE:COLUMN:`. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly position: Position;

  constructor(template: string, position: Position, reason: string, options?: ErrorOptions) {
    super(`template: ${template}:${position.line}:${position.column}: ${reason}`, options);
    this.position = position;
  }
}

/** Why a function, an operator or a budget gave up; the executor adds the place and throws a `TemplateError`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
