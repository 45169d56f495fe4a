import { LLMock } from '@copilotkit/aimock';
import { GUIDE, STORY } from './answers.js';

/** About the pace of a small model: milliseconds to the first token, then tokens per second, give or take. */
const PACE = { chunkSize: 5, streamingProfile: { ttft: 400, tps: 45, jitter: 0.5 } };

/** A server that speaks the API and knows a few answers, so that the app can be tried without a key. */
export async function startLocalModel() {
  const model = new LLMock({ host: '127.0.0.1' })
    .on({ hasToolResult: true }, (request) => say(request, report(request)), PACE)
    .on({ userMessage: /weather/i }, askForWeather, PACE)
    .on({ userMessage: /\d\s*[-+*/^]\s*[\d(]/ }, askForValue, PACE)
    .on({ userMessage: /story/i }, (request) => say(request, STORY), PACE)
    // To see what an answer that is cut looks like, and that Retry asks again.
    .on({ userMessage: /break off/i }, (request) => say(request, STORY), { ...PACE, truncateAfterChunks: 40 })
    .on({}, (request) => say(request, GUIDE), PACE);
  return { url: `${await model.start()}/v1` };
}

function askForWeather(request) {
  const [, cities = 'Paris'] = /\bin ([^?.!]+)/i.exec(lastQuestion(request)) ?? [];
  return call(
    request,
    cities.split(/,| and /).map((city) => ['get_weather', { city: city.trim() }]),
  );
}

function askForValue(request) {
  const [expression = '0'] = /[\d.(][\d\s.+*/^()-]*[\d)]/.exec(lastQuestion(request)) ?? [];
  return call(request, [['calculate', { expression }]]);
}

/** Says in words what the tools gave. */
function report({ messages }) {
  const lastUser = messages.findLastIndex(({ role }) => role === 'user');
  const results = messages
    .slice(lastUser)
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => JSON.parse(content));
  return results.map(sentence).join('\n');
}

function sentence(result) {
  if ('celsius' in result) return `- In **${result.city}** it is ${result.celsius} °C, with ${result.sky}.`;
  if ('value' in result) return `That makes **${result.value}**.`;
  return `The tool could not tell: ${result.error}`;
}

function say(request, content) {
  return { content, usage: usage(request, content) };
}

function call(request, calls) {
  const toolCalls = calls.map(([name, given], index) => ({
    id: `call_${request.messages.length}_${index}`,
    name,
    arguments: JSON.stringify(given),
  }));
  return { toolCalls, usage: usage(request, JSON.stringify(calls)) };
}

function lastQuestion({ messages }) {
  return messages.findLast(({ role }) => role === 'user')?.content ?? '';
}

/** Four characters are about a token. */
function usage({ messages }, answer) {
  return {
    prompt_tokens: Math.ceil(JSON.stringify(messages).length / 4),
    completion_tokens: Math.ceil(answer.length / 4),
  };
}
