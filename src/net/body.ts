import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { HttpError } from './http-error.ts';

/** The `accept-encoding` that `readBody` understands. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

/**
 * Reads a body to its end, decompressing it as it comes, and gives up as soon as the *decompressed* size passes
 * `maxBytes`, so that neither an endless body nor a compression bomb fills memory. Rejects with `HttpError`
 * `too-large` or `encoding`, or with whatever broke the stream.
 */
export async function readBody(stream: Readable, encoding: string | undefined, maxBytes: number): Promise<string> {
  const decoder = decoderFor(encoding);
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maxBytes) throw new HttpError('too-large', `the answer is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  };
  try {
    await (decoder === undefined ? pipeline(stream, collect) : pipeline(stream, decoder, collect));
  } catch (error) {
    throw isZlibError(error)
      ? new HttpError('encoding', 'the compressed answer cannot be decompressed', { cause: error })
      : error;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function decoderFor(encoding: string | undefined): Transform | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new HttpError('encoding', 'the answer uses a content encoding that was not asked for');
  }
}

function isZlibError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return (
    typeof code === 'string' &&
    (code.startsWith('Z_') || code.startsWith('ERR_BROTLI') || code.startsWith('ERR__ERROR'))
  );
}
