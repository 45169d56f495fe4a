import { fetchEventSource as openEventSource } from '@microsoft/fetch-event-source';
import type { ChatCompletionChunk } from 'openai/resources';
import type { Contender } from '../Contender.ts';
import { MESSAGES } from '../prompt.ts';
import { textOf } from '../textOf.ts';

/** Microsoft's fetch-event-source with JSON.parse. It is written for browsers: some of one is needed. */
export function fetchEventSource(baseURL: string): Contender {
  Object.assign(globalThis, { window: globalThis, document: new EventTarget() });
  return {
    chat: (model, onText) => {
      const controller = new AbortController();
      const done = openEventSource(`${baseURL}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
        body: JSON.stringify({ model, messages: MESSAGES, stream: true }),
        signal: controller.signal,
        fetch,
        // Else it pauses while the page is hidden.
        openWhenHidden: true,
        onmessage: ({ data }) => {
          if (data !== '[DONE]') onText(textOf(JSON.parse(data) as ChatCompletionChunk));
        },
        // Else it would ask again for ever.
        onerror: (error) => {
          throw error;
        },
      });
      return { done, stop: () => controller.abort() };
    },
  };
}
