import { createParser } from 'eventsource-parser';
import type { ChatCompletionChunk } from 'openai/resources';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { Observable } from 'rxjs';
import { request } from 'undici';
import type { Contender } from './Contender.ts';
import { MESSAGES, PROMPT } from './prompt.ts';
import { readingOf } from './readingOf.ts';
import { textOf } from './textOf.ts';

/** Written by hand and for nothing but the happy end: what everything is compared with. No operators, no checks. */
export function floor(baseURL: string): Contender {
  const chat: Contender['chat'] = (model, onText) => {
    const chunks = post<ChatCompletionChunk>(`${baseURL}/chat/completions`, { model, messages: MESSAGES });
    return readingOf(chunks, (chunk) => onText(textOf(chunk)));
  };
  return {
    chat,
    responses: (model, onText) =>
      readingOf(post<ResponseStreamEvent>(`${baseURL}/responses`, { model, input: PROMPT }), (event) =>
        onText(event.type === 'response.output_text.delta' ? event.delta : ''),
      ),
    accumulation: chat,
    toolCall: chat,
  };
}

function post<T>(url: string, params: object): Observable<T> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    let isOver = false;
    const read = async () => {
      const { body } = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: 'Bearer none' },
        body: JSON.stringify({ ...params, stream: true }),
        signal: controller.signal,
      });
      const decoder = new TextDecoder();
      const parser = createParser({
        onEvent: ({ data }) => {
          // The body ends by itself after the mark, so that the connection can be used again.
          if (data !== '[DONE]') subscriber.next(JSON.parse(data) as T);
        },
      });
      for await (const bytes of body) parser.feed(decoder.decode(bytes as Uint8Array, { stream: true }));
      isOver = true;
      subscriber.complete();
    };
    read().catch((error: unknown) => {
      subscriber.error(error);
    });
    return () => {
      // To make its error would cost more than the rest of the end.
      if (!isOver) controller.abort();
    };
  });
}
