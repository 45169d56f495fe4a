import { OpenAI } from 'openai';
import type { Contender, Reading } from './Contender.ts';
import { MESSAGES, PROMPT } from './prompt.ts';
import { textOf } from './textOf.ts';

/** The official SDK, its streams iterated. */
export function openai(baseURL: string): Contender {
  const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
  return {
    chat: (model, onText) =>
      iterate(client.chat.completions.create({ model, messages: MESSAGES, stream: true }), (chunk) =>
        onText(textOf(chunk)),
      ),
    responses: (model, onText) =>
      iterate(client.responses.create({ model, input: PROMPT, stream: true }), (event) =>
        onText(event.type === 'response.output_text.delta' ? event.delta : ''),
      ),
  };
}

function iterate<T>(
  response: Promise<AsyncIterable<T> & { controller: AbortController }>,
  next: (item: T) => void,
): Reading {
  let controller: AbortController | undefined;
  const read = async () => {
    const stream = await response;
    controller = stream.controller;
    for await (const item of stream) next(item);
  };
  return { done: read(), stop: () => controller?.abort() };
}
