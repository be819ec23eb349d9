import type { JsonTree } from './json-tree.ts';
import type { ResourceType } from './resource-type.ts';

/** One entry of `Status.details.causes`. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  /** Dotted path of the field, e.g. `spec.replicas`. */
  readonly field?: string;
}

/** What a failed request is about, for `Status.details`. */
export interface StatusSubject {
  readonly group: string;
  /** Plural resource name in most errors, kind in validation errors: kubectl prints it as it is. */
  readonly resource: string;
  readonly name: string;
  readonly uid?: string;
}

/** A `metav1.Status` failure on its way to the client. Messages are those of the real API server, since clients match on them. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JsonTree | undefined;
  /** Becomes the Status' own list metadata: a continue token, say. */
  readonly metadata: JsonTree;

  constructor(code: number, reason: string, message: string, details?: JsonTree, metadata: JsonTree = {}) {
    super(message);
    this.name = 'StatusError';
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.metadata = metadata;
  }

  toStatus(): JsonTree {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.metadata,
      status: 'Failure',
      message: this.message,
      // An error that the server did not foresee has none.
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

function detailsOf(subject: StatusSubject, more: JsonTree = {}): JsonTree {
  return {
    ...(subject.name === '' ? {} : { name: subject.name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    kind: subject.resource,
    ...(subject.uid === undefined ? {} : { uid: subject.uid }),
    ...more,
  };
}

function qualified(subject: StatusSubject): string {
  return subject.group === '' ? subject.resource : `${subject.resource}.${subject.group}`;
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function notFound(subject: StatusSubject): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(subject)} "${subject.name}" not found`, detailsOf(subject));
}

/** A path that no resource answers. */
export function unknownPath(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(subject: StatusSubject): StatusError {
  const message = `${qualified(subject)} "${subject.name}" already exists`;
  return new StatusError(409, 'AlreadyExists', message, detailsOf(subject));
}

export function conflict(subject: StatusSubject, why: string, causes: readonly StatusCause[] = []): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} "${subject.name}": ${why}`;
  return new StatusError(409, 'Conflict', message, detailsOf(subject, causes.length === 0 ? {} : { causes }));
}

/** The answer to an update made from a stale read. */
export function staleObject(subject: StatusSubject): StatusError {
  return conflict(
    subject,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

/** 422 with one cause for each field. `subject.resource` is the kind here, as in the real server's messages. */
export function invalid(subject: StatusSubject, causes: readonly StatusCause[]): StatusError {
  const texts = causes.map((cause) => (cause.field === undefined ? cause.message : `${cause.field}: ${cause.message}`));
  const list = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
  const message = `${qualified(subject)} "${subject.name}" is invalid: ${list}`;
  return new StatusError(422, 'Invalid', message, detailsOf(subject, { causes }));
}

export function forbidden(subject: StatusSubject, why: string, causes: readonly StatusCause[] = []): StatusError {
  const message = `${qualified(subject)} "${subject.name}" is forbidden: ${why}`;
  return new StatusError(403, 'Forbidden', message, detailsOf(subject, causes.length === 0 ? {} : { causes }));
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

/** 422 for options of a request, such as `PatchOptions`. */
export function invalidOptions(kind: string, causes: readonly StatusCause[]): StatusError {
  return invalid({ group: 'meta.k8s.io', resource: kind, name: '' }, causes);
}

/** 500 without a reason: what the real server did not foresee. */
export function unforeseen(message: string): StatusError {
  return new StatusError(500, '', message);
}

/** The body is not of the kind that it should be; the answer to a patch tells it in other words. */
export class DecodingError extends StatusError {
  constructor(message: string) {
    super(400, 'BadRequest', message);
    this.name = 'DecodingError';
  }
}

export function undecodable({ kind, version }: Pick<ResourceType, 'kind' | 'version'>, detail: string): DecodingError {
  return new DecodingError(`${kind} in version "${version}" cannot be handled as a ${kind}: ${detail}`);
}

/** 406: the client takes nothing that this server writes. */
export function notAcceptable(): StatusError {
  const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  return new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`);
}

export function tooLargeBody(limitBytes: number): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`);
}

/** 410: the version asked for was compacted; the client has to list again. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

/** 504: a resourceVersion that this server has not reached. */
export function tooLargeResourceVersion(asked: number, current: number): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

export function unsupportedMediaType(message: string): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', message);
}

export function notImplemented(message: string): StatusError {
  return new StatusError(501, 'NotImplemented', message, {});
}
