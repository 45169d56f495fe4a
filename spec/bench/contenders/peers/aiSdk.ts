import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';
import type { Contender } from '../Contender.ts';
import { PROMPT } from '../prompt.ts';

/** Vercel's AI SDK, its text iterated. */
export function aiSdk(baseURL: string): Contender {
  const provider = createOpenAI({ baseURL, apiKey: 'none' });
  return {
    chat: (model, onText) => {
      const controller = new AbortController();
      const read = async () => {
        const { textStream } = streamText({
          model: provider.chat(model),
          prompt: PROMPT,
          maxRetries: 0,
          abortSignal: controller.signal,
        });
        for await (const text of textStream) onText(text);
      };
      return { done: read(), stop: () => controller.abort() };
    },
  };
}
