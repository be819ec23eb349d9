import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The fields of `audit.k8s.io/v1` that are read here. */
export interface AuditEvent {
  readonly verb: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code: number };
  readonly requestReceivedTimestamp: string;
  /** When the answer was complete. */
  readonly stageTimestamp: string;
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

export function isWrite({ verb }: AuditEvent): boolean {
  return !READS.has(verb);
}

/** `patch rollouts/status`, which requests are counted by. */
export function describeRequest(event: AuditEvent): string {
  return `${event.verb} ${resourceOf(event)}`;
}

/** `rollouts/status` */
export function resourceOf({ objectRef }: AuditEvent): string {
  const { resource = '', subresource } = objectRef ?? {};
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}

/** The API server's own record of the requests that ended, read as it grows. */
export class AuditLog {
  readonly #file: string;
  readonly #keep: (event: AuditEvent) => boolean;
  readonly #events: AuditEvent[] = [];
  #position = 0;

  /** @param keep which events are kept in memory; the others are forgotten */
  constructor(file: string, keep: (event: AuditEvent) => boolean = () => true) {
    this.#file = file;
    this.#keep = keep;
  }

  /** All that there are now, in the order in which they ended. */
  events(): readonly AuditEvent[] {
    for (const line of this.#newLines()) {
      const event = JSON.parse(line) as AuditEvent;
      if (this.#keep(event)) this.#events.push(event);
    }
    return this.#events;
  }

  /** Up to the last line that is complete. */
  #newLines(): readonly string[] {
    const descriptor = openSync(this.#file, 'r');
    try {
      const chunk = Buffer.alloc(fstatSync(descriptor).size - this.#position);
      readSync(descriptor, chunk, 0, chunk.length, this.#position);
      const end = chunk.lastIndexOf('\n') + 1;
      this.#position += end;
      return end === 0 ? [] : chunk.toString('utf8', 0, end - 1).split('\n');
    } finally {
      closeSync(descriptor);
    }
  }
}
