import type { ChatCompletionChunk, ResponseStreamEvent } from 'rxdelta/openai';

type Reason = ChatCompletionChunk.Choice['finish_reason'];

/** A part of a tool call as some provider sends it; any member may be missing or null. */
export interface ToolCallPart {
  index?: number | null;
  id?: string | null;
  type?: string | null;
  function?: { name?: string | null; arguments?: unknown };
  custom?: { name?: string | null; input?: unknown };
}

/** A chat chunk with these choices. A choice without an index is choice 0. */
export function chatChunk(...choices: object[]): ChatCompletionChunk {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_763_600_000,
    model: 'gpt-4o-mini',
    choices: choices.map((choice) => ({ index: 0, delta: {}, finish_reason: null, ...choice })),
  };
}

/** A chat chunk that adds text to a choice. */
export function content(text: string, index = 0): ChatCompletionChunk {
  return chatChunk({ index, delta: { content: text } });
}

/** The first chunk of many chat streams: a role, no text. */
export function role(index = 0): ChatCompletionChunk {
  return chatChunk({ index, delta: { role: 'assistant', content: '' } });
}

/** The chat chunk that ends a choice. */
export function finish(reason: Reason = 'stop', index = 0): ChatCompletionChunk {
  return chatChunk({ index, finish_reason: reason });
}

/** The last chat chunk where `stream_options.include_usage` is set: no choices. */
export function usage(): ChatCompletionChunk {
  return { ...chatChunk(), usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } };
}

/** A chat chunk with parts of tool calls of choice 0. */
export function toolCalls(...parts: ToolCallPart[]): ChatCompletionChunk {
  return chatChunk({ delta: { tool_calls: parts } });
}

/** An event of a Responses stream. */
export function responseEvent(type: string, fields: object = {}): ResponseStreamEvent {
  return { type, sequence_number: 0, ...fields } as ResponseStreamEvent;
}

/** A Responses event that adds text to the answer. */
export function outputText(delta: string): ResponseStreamEvent {
  return responseEvent('response.output_text.delta', { item_id: 'msg_1', output_index: 0, content_index: 0, delta });
}

/** The last event of a Responses stream. */
export function responseEnd(status: 'completed' | 'incomplete' | 'cancelled' | 'failed', fields: object = {}) {
  return responseEvent(`response.${status}`, {
    response: { id: 'resp_1', object: 'response', status, output: [], ...fields },
  });
}
