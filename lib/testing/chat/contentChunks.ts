import type { ChatCompletionChunk } from '../../openai/index.ts';
import { splitText } from '../splitText.ts';
import type { FinishReason } from './chatChunk.ts';
import type { ChunkOptions } from './ChunkOptions.ts';
import { contentChunk } from './contentChunk.ts';
import { finishChunk } from './finishChunk.ts';
import { roleChunk } from './roleChunk.ts';

/** Options of `contentChunks`. */
export interface ContentChunksOptions extends ChunkOptions {
  /** The characters (code points) of one chunk. Default 4. */
  every?: number | undefined;
  /** Why the answer ends. Default `stop`. */
  finishReason?: FinishReason | undefined;
}

/**
 * Makes all chunks of an answer of text: the role, the text in pieces, the finish reason.
 *
 * @param text - the whole text
 * @param options - `every`, default 4 characters; `finishReason`, default `stop`; and those of `ChunkOptions`
 * @throws RangeError when `every` is less than 1, or not a whole number
 * @example
 * ```ts
 * import { from } from 'rxjs';
 * import { contentDeltas } from 'rxdelta';
 * import { contentChunks } from 'rxdelta/testing';
 *
 * from(contentChunks('Hello world', { every: 6 })).pipe(contentDeltas()).subscribe(console.log); // 'Hello ', 'world'
 * ```
 */
export function contentChunks(
  text: string,
  { every, finishReason, ...options }: ContentChunksOptions = {},
): ChatCompletionChunk[] {
  return [
    roleChunk(options),
    ...splitText(text, every).map((piece) => contentChunk(piece, options)),
    finishChunk(finishReason, options),
  ];
}
