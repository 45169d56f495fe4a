import type { OperatorFunction } from 'rxjs';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import { accumulate } from './accumulate.ts';

/**
 * Emits a text so far, each time that it grows. Its cost is linear: the pieces are joined when the text is read.
 *
 * @param pieceOf - the piece that a chunk adds, or the empty string
 */
/* @__NO_SIDE_EFFECTS__ */
export function accumulateText(pieceOf: (chunk: StreamChunk) => string): OperatorFunction<StreamChunk, string> {
  return accumulate(() => {
    let text = '';
    return (chunk) => {
      const piece = pieceOf(chunk);
      return piece ? (text += piece) : undefined;
    };
  }, '');
}
