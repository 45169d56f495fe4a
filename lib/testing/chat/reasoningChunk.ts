import type { ChatCompletionChunk } from '../../openai/index.ts';
import { chatChunk } from './chatChunk.ts';
import type { ChunkOptions } from './ChunkOptions.ts';

/** Options of `reasoningChunk`. */
export interface ReasoningChunkOptions extends ChunkOptions {
  /** Where the words stand, which differs between providers. Default `reasoning_content`. */
  field?: 'reasoning_content' | 'reasoning' | undefined;
}

/** The delta of providers that show the reasoning in chat; OpenAI itself does so in Responses only. */
interface ReasoningDelta extends ChatCompletionChunk.Choice.Delta {
  reasoning_content?: string;
  reasoning?: string;
}

/**
 * Makes a chat chunk that adds to the model's reasoning, as DeepSeek, vLLM, OpenRouter and others send it.
 *
 * @param text - the piece of the reasoning
 * @param options - the field, default `reasoning_content`; and those of `ChunkOptions`
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { reasoningDeltas } from 'rxdelta';
 * import { reasoningChunk } from 'rxdelta/testing';
 *
 * of(reasoningChunk('First, ')).pipe(reasoningDeltas()).subscribe(console.log); // 'First, '
 * ```
 */
export function reasoningChunk(
  text: string,
  { field = 'reasoning_content', ...options }: ReasoningChunkOptions = {},
): ChatCompletionChunk {
  const delta: ReasoningDelta = { [field]: text };
  return chatChunk(delta, options);
}
