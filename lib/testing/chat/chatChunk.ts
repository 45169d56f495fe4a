import type { ChatCompletionChunk } from '../../openai/index.ts';
import type { ChunkOptions } from './ChunkOptions.ts';

/** Why a choice ends. */
export type FinishReason = NonNullable<ChatCompletionChunk.Choice['finish_reason']>;

/** When everything is made, in seconds since 1970. */
export const CREATED = 1_763_600_000;

/** A chat chunk with these choices. */
export function chunkOf(
  choices: ChatCompletionChunk.Choice[],
  { id = 'chatcmpl-1', created = CREATED, model = 'gpt-4o-mini' }: ChunkOptions,
): ChatCompletionChunk {
  return { id, object: 'chat.completion.chunk', created, model, choices };
}

/** A chat chunk that adds to one choice, or ends it. */
export function chatChunk(
  delta: ChatCompletionChunk.Choice.Delta,
  options: ChunkOptions,
  finishReason: FinishReason | null = null,
): ChatCompletionChunk {
  const { choice: index = 0 } = options;
  return chunkOf([{ index, delta, logprobs: null, finish_reason: finishReason }], options);
}
