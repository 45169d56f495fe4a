import type { ChatCompletionChunk } from '../../openai/index.ts';
import { chatChunk } from './chatChunk.ts';
import type { ChunkOptions } from './ChunkOptions.ts';

/**
 * Makes a chat chunk that adds to the model's refusal.
 *
 * @param text - the piece of the refusal
 * @param options - id, time, model and choice; their defaults stand in `ChunkOptions`
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { refusalDeltas } from 'rxdelta';
 * import { refusalChunk } from 'rxdelta/testing';
 *
 * of(refusalChunk('I cannot.')).pipe(refusalDeltas()).subscribe(console.log); // I cannot.
 * ```
 */
export function refusalChunk(text: string, options: ChunkOptions = {}): ChatCompletionChunk {
  return chatChunk({ refusal: text }, options);
}
