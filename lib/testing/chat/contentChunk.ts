import type { ChatCompletionChunk } from '../../openai/index.ts';
import { chatChunk } from './chatChunk.ts';
import type { ChunkOptions } from './ChunkOptions.ts';

/**
 * Makes a chat chunk that adds text to a choice.
 *
 * @param text - the piece of text
 * @param options - id, time, model and choice; their defaults stand in `ChunkOptions`
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { accumulateContent } from 'rxdelta';
 * import { contentChunk } from 'rxdelta/testing';
 *
 * of(contentChunk('Hel'), contentChunk('lo')).pipe(accumulateContent()).subscribe(console.log); // Hel, Hello
 * ```
 */
export function contentChunk(text: string, options: ChunkOptions = {}): ChatCompletionChunk {
  return chatChunk({ content: text }, options);
}
