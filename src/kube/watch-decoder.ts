import type { KubeObject } from '../api/core-types.ts';

type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchEvent<T = KubeObject> {
  readonly type: WatchEventType;
  readonly object: T;
}

/** The stream does not hold what a watch must hold: its position cannot be trusted. */
export class WatchFormatError extends Error {
  override readonly name = 'WatchFormatError';
  readonly code = 'watch-format' as const;
}

/** etcd refuses objects above 1.5 MB; aggregated API servers may have larger ones, but not by an order of magnitude. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;
const NEWLINE = 10;
const TYPES: ReadonlySet<string> = new Set<WatchEventType>(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']);

/**
 * Splits a watch's body into events: one JSON document per line, whatever the chunks. A last line without its end is
 * what a broken connection leaves and is dropped: the next watch delivers it again. Throws `WatchFormatError`.
 */
export async function* decodeWatch<T extends KubeObject>(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncGenerator<WatchEvent<T>> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      pending.push(chunk.subarray(start, end));
      const line = Buffer.concat(pending).toString('utf8').trim();
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      if (line !== '') {
        yield parseEvent<T>(line);
      }
    }
    const rest = chunk.subarray(start);
    pending.push(rest);
    pendingBytes += rest.length;
    if (pendingBytes > maxLineBytes) {
      throw new WatchFormatError(`a watch event is larger than ${maxLineBytes} bytes`);
    }
  }
}

function parseEvent<T>(line: string): WatchEvent<T> {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new WatchFormatError(`a watch event of ${line.length} characters is not JSON`, { cause });
  }
  if (!isWatchEvent<T>(event)) {
    throw new WatchFormatError('a watch event has no known type, or no object with metadata');
  }
  return event;
}

function isWatchEvent<T>(value: unknown): value is WatchEvent<T> {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('object' in value)) {
    return false;
  }
  const { type, object } = value;
  if (typeof type !== 'string' || !TYPES.has(type) || typeof object !== 'object' || object === null) {
    return false;
  }
  return type === 'ERROR' || ('metadata' in object && typeof object.metadata === 'object' && object.metadata !== null);
}
