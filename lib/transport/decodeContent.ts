import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { Observable, throwError, type OperatorFunction } from 'rxjs';
import { APIConnectionError } from '../errors/APIConnectionError.ts';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';

/**
 * Undoes a content coding as the bytes arrive: gzip, deflate (with or without its zlib header) and br.
 *
 * @param coding - the `content-encoding` header, if any
 * @throws MalformedStreamError (`encoding`) for another coding, or bytes that are not of this coding
 * @throws APIConnectionError (`body`) when the body ends in the middle of it
 */
export function decodeContent(coding: string | undefined): OperatorFunction<Uint8Array, Uint8Array> {
  const name = coding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return (source) => source;
  const makeDecoder = DECODERS[name];
  if (!makeDecoder) {
    const message = 'The server sent a content coding that was not asked for';
    return () => throwError(() => new MalformedStreamError(message, { reason: 'encoding' }));
  }
  return (source) =>
    new Observable((destination) => {
      let decoder: Transform | undefined;
      const open = (first: number) =>
        makeDecoder(first)
          .on('data', (bytes: Uint8Array) => {
            destination.next(bytes);
          })
          .on('end', () => {
            destination.complete();
          })
          .on('error', (failure: NodeJS.ErrnoException) => {
            destination.error(codingFailure(name, failure));
          });
      /** Ends in one way or another once what was received before is decoded and delivered. */
      const afterwards = (end: () => void) => decoder?.write(new Uint8Array(0), () => setImmediate(end));
      const subscription = source.subscribe({
        next: (bytes) => {
          if (bytes.length > 0) (decoder ??= open(bytes[0] ?? 0)).write(bytes);
        },
        error: (error: unknown) => {
          if (!decoder) destination.error(error);
          else
            afterwards(() => {
              destination.error(error);
            });
        },
        complete: () => {
          if (!decoder) destination.complete();
          // Ended together with its last bytes, a coding that was cut gives its error without the text before.
          else afterwards(() => decoder?.end());
        },
      });
      return () => {
        subscription.unsubscribe();
        decoder?.destroy();
      };
    });
}

const DECODERS: Partial<Record<string, (firstByte: number) => Transform>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  br: () => createBrotliDecompress(),
  // The low four bits of a zlib header are 8; a raw stream cannot begin so.
  deflate: (firstByte) => ((firstByte & 0x0f) === 8 ? createInflate() : createInflateRaw()),
};

function codingFailure(name: string, failure: NodeJS.ErrnoException): Error {
  const cause = new Error(failure.message);
  return failure.code === 'Z_BUF_ERROR'
    ? new APIConnectionError(`The ${name} body ended too early`, { phase: 'body', cause })
    : new MalformedStreamError(`The body is not ${name}`, { reason: 'encoding', cause });
}
