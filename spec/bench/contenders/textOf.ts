import type { ChatCompletionChunk } from 'openai/resources';

/** The text of a chat chunk, or the piece of arguments. */
export function textOf(chunk: ChatCompletionChunk): string {
  const delta = chunk.choices[0]?.delta;
  return delta?.content ?? delta?.tool_calls?.[0]?.function?.arguments ?? '';
}
