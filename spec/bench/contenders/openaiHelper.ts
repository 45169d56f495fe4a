import { OpenAI } from 'openai';
import type { Contender } from './Contender.ts';
import { MESSAGES, PROMPT } from './prompt.ts';
import { textOf } from './textOf.ts';

/** The official SDK's `.stream()` helpers, which accumulate. */
export function openaiHelper(baseURL: string): Contender {
  const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
  const start = (model: string) => client.chat.completions.stream({ model, messages: MESSAGES });
  const accumulation: Contender['chat'] = (model, onText) => {
    const stream = start(model);
    const read = async () => {
      const { choices } = await stream.finalChatCompletion();
      onText(choices[0]?.message.content ?? '');
      for (const call of choices[0]?.message.tool_calls ?? [])
        onText('function' in call ? call.function.arguments : '');
    };
    return { done: read(), stop: () => stream.abort() };
  };
  return {
    chat: (model, onText) => {
      const stream = start(model).on('chunk', (chunk) => onText(textOf(chunk)));
      return { done: stream.done(), stop: () => stream.abort() };
    },
    responses: (model, onText) => {
      const stream = client.responses.stream({ model, input: PROMPT });
      stream.on('response.output_text.delta', ({ delta }) => onText(delta));
      const read = async () => {
        await stream.finalResponse();
      };
      return { done: read(), stop: () => stream.abort() };
    },
    accumulation,
    toolCall: accumulation,
  };
}
