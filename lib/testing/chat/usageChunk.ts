import type { ChatCompletionChunk, CompletionUsage } from '../../openai/index.ts';
import { chunkOf } from './chatChunk.ts';
import type { ChunkOptions } from './ChunkOptions.ts';

/**
 * Makes the last chunk of an answer to `stream_options: { include_usage: true }`: the usage, and no choices.
 *
 * @param usage - what differs from 3 tokens of the prompt and 2 of the completion; the total is their sum unless given
 * @param options - id, time, model and choice; their defaults stand in `ChunkOptions`
 * @example
 * ```ts
 * import { from } from 'rxjs';
 * import { collectUsage } from 'rxdelta';
 * import { contentChunks, usageChunk } from 'rxdelta/testing';
 *
 * from([...contentChunks('Hello'), usageChunk({ completion_tokens: 7 })])
 *   .pipe(collectUsage())
 *   .subscribe(({ total_tokens }) => console.log(total_tokens)); // 10
 * ```
 */
export function usageChunk(usage: Partial<CompletionUsage> = {}, options: ChunkOptions = {}): ChatCompletionChunk {
  const { prompt_tokens = 3, completion_tokens = 2 } = usage;
  const total_tokens = prompt_tokens + completion_tokens;
  return { ...chunkOf([], options), usage: { prompt_tokens, completion_tokens, total_tokens, ...usage } };
}
