import { ChatOpenAI } from '@langchain/openai';
import type { Contender } from '../Contender.ts';
import { PROMPT } from '../prompt.ts';

/** LangChain's model of OpenAI, its chunks iterated. */
export function langchain(baseURL: string): Contender {
  const models = new Map<string, ChatOpenAI>();
  const modelOf = (name: string) => {
    const model =
      models.get(name) ?? new ChatOpenAI({ model: name, apiKey: 'none', maxRetries: 0, configuration: { baseURL } });
    models.set(name, model);
    return model;
  };
  return {
    chat: (model, onText) => {
      const controller = new AbortController();
      const read = async () => {
        const chunks = await modelOf(model).stream(PROMPT, { signal: controller.signal });
        for await (const { content } of chunks) onText(typeof content === 'string' ? content : '');
      };
      return { done: read(), stop: () => controller.abort() };
    },
  };
}
