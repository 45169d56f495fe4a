import { OpenAI } from 'openai';
import { defer, from, switchMap } from 'rxjs';
import type { Contender } from './Contender.ts';
import { MESSAGES } from './prompt.ts';
import { readingOf } from './readingOf.ts';
import { textOf } from './textOf.ts';

/** The official SDK's stream, made an Observable as RxJS does it. */
export function openaiFrom(baseURL: string): Contender {
  const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
  const chunksOf = (model: string) =>
    defer(() => client.chat.completions.create({ model, messages: MESSAGES, stream: true })).pipe(
      switchMap((stream) => from(stream)),
    );
  return { chat: (model, onText) => readingOf(chunksOf(model), (chunk) => onText(textOf(chunk))) };
}
