import { LLMock, type ChatCompletionRequest, type Fixture } from '@copilotkit/aimock';
import { STORY } from './story.ts';
import { weatherTool, type Weather } from './weather.ts';

/** About the pace of a small model: the time to the first token in milliseconds, then tokens per second, give or take. */
const PACE: Partial<Fixture> = { chunkSize: 4, streamingProfile: { ttft: 500, tps: 55, jitter: 0.6 } };

/** A server that speaks Chat Completions and Responses, and tells its one story. */
export async function startLocalServer(): Promise<{ url: string; stop(): void }> {
  const server = new LLMock({ host: '127.0.0.1' })
    .on({ hasToolResult: true }, (request) => say(request, weatherReport(request)), PACE)
    .on({ toolName: weatherTool.name }, callWeatherTool, PACE)
    .on({}, (request) => say(request, STORY), PACE);
  const url = await server.start();
  return {
    url: `${url}/v1`,
    stop() {
      // It plays an answer to its end even when nobody is connected any more, which would keep the process waiting.
      void server.stop().finally(() => process.exit());
    },
  };
}

function say(request: ChatCompletionRequest, content: string) {
  return { content, usage: usageOf(request, content) };
}

function callWeatherTool(request: ChatCompletionRequest) {
  const [, city = 'Paris'] = /\bin (\p{Lu}\p{L}+)/u.exec(textOf(request)) ?? [];
  const call = { id: 'call_weather', name: weatherTool.name, arguments: JSON.stringify({ city }) };
  return { toolCalls: [call], usage: usageOf(request, call.arguments) };
}

/** Says in words what the tool gave. */
function weatherReport({ messages }: ChatCompletionRequest): string {
  const { city, celsius, sky } = JSON.parse(messages.at(-1)?.content as string) as Weather;
  return `It is ${celsius} °C in ${city} right now, with ${sky}. Take an umbrella, and mind the puddles.`;
}

function textOf({ messages }: ChatCompletionRequest): string {
  return messages.map(({ content }) => (typeof content === 'string' ? content : '')).join(' ');
}

/** Four characters are about a token. */
function usageOf(request: ChatCompletionRequest, answer: string) {
  return {
    prompt_tokens: Math.ceil(textOf(request).length / 4),
    completion_tokens: Math.ceil(answer.length / 4),
  };
}
