import type { ChatCompletionChunk } from '../../openai/index.ts';
import { chatChunk, type FinishReason } from './chatChunk.ts';
import type { ChunkOptions } from './ChunkOptions.ts';

/**
 * Makes the chat chunk that ends a choice. It is also exported as `finish`, which is short among marbles.
 *
 * @param reason - why it ends; default `stop`
 * @param options - id, time, model and choice; their defaults stand in `ChunkOptions`
 * @example
 * ```ts
 * import { from } from 'rxjs';
 * import { untilDone } from 'rxdelta';
 * import { contentChunk, finishChunk } from 'rxdelta/testing';
 *
 * from([contentChunk('Hel'), finishChunk('length')]).pipe(untilDone()).subscribe(); // whole: the model itself stopped
 * ```
 */
export function finishChunk(reason: FinishReason = 'stop', options: ChunkOptions = {}): ChatCompletionChunk {
  return chatChunk({}, options, reason);
}
