/** The message that kube-apiserver gives to every JSON patch that does not apply (`NewGenericServerResponse`, 422). */
const REJECTED = 'the server rejected our request due to an error in our request';

/** A patch that the API server refuses. `message` is the Status message, `detail` the precise reason where it hides it. */
export class PatchError extends Error {
  readonly status: 400 | 413 | 422;
  /** The Status `reason`. */
  readonly reason: 'BadRequest' | 'RequestEntityTooLarge' | 'Invalid';
  readonly detail: string;

  constructor(status: 400 | 413 | 422, message: string, detail = message) {
    super(message);
    this.name = 'PatchError';
    this.status = status;
    this.reason = status === 400 ? 'BadRequest' : status === 413 ? 'RequestEntityTooLarge' : 'Invalid';
    this.detail = detail;
  }
}

export function badPatch(message: string): PatchError {
  return new PatchError(400, message);
}

/** A well-formed JSON patch that does not fit the object. */
export function rejectedPatch(detail: string): PatchError {
  return new PatchError(422, REJECTED, detail);
}
