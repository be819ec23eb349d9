/** The message that kube-apiserver gives to every JSON patch that does not apply (`NewGenericServerResponse`, 422). */
const REJECTED = 'the server rejected our request due to an error in our request';

const REASONS = { 400: 'BadRequest', 413: 'RequestEntityTooLarge', 422: 'Invalid', 500: '' } as const;

export type PatchStatus = keyof typeof REASONS;

/** A patch that the API server refuses. `message` is the Status message, `detail` the precise reason where it hides it. */
export class PatchError extends Error {
  readonly status: PatchStatus;
  /** The Status `reason`; kube-apiserver gives none to an error that it did not foresee. */
  readonly reason: (typeof REASONS)[PatchStatus];
  readonly detail: string;

  constructor(status: PatchStatus, message: string, detail = message) {
    super(message);
    this.name = 'PatchError';
    this.status = status;
    this.reason = REASONS[status];
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
