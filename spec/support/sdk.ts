import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { ResponseStream } from 'openai/lib/responses/ResponseStream';
import type { ChatCompletion, ChatCompletionChunk, Response, ResponseStreamEvent } from 'rxdelta/openai';

/** What the official SDK's helper makes of these chunks. */
export async function finalChatCompletion(chunks: readonly ChatCompletionChunk[]): Promise<ChatCompletion> {
  const completion = await ChatCompletionStream.fromReadableStream(asLines(chunks)).finalChatCompletion();
  return without(completion, ['parsed']) as ChatCompletion;
}

/** What the official SDK's helper makes of these events. */
export async function finalResponse(events: readonly ResponseStreamEvent[]): Promise<Response> {
  const response = await ResponseStream.fromReadableStream(asLines(events)).finalResponse();
  return without(response, ['parsed', 'output_parsed', 'parsed_arguments']) as Response;
}

function asLines(items: readonly object[]): ReadableStream {
  const text = items.map((item) => `${JSON.stringify(item)}\n`).join('');
  return new Blob([text]).stream();
}

/** The value without the fields that the helpers add to what the API gives. */
function without(value: unknown, names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, names));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => !names.includes(name));
  return Object.fromEntries(fields.map(([name, field]) => [name, without(field, names)]));
}
