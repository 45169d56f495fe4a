import type { ChatCompletionChunk, ResponseStreamEvent } from '../openai/index.ts';

/** What a stream of answers is made of, whoever made it: chat chunks, or the events of a Response. */
export type StreamChunk = ChatCompletionChunk | ResponseStreamEvent;
