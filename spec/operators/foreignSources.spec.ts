import OpenAI from 'openai';
import { defer, from, map, mergeMap, Subject, type Observable, type OperatorFunction } from 'rxjs';
import {
  accumulateCompletion,
  accumulateContent,
  accumulateReasoning,
  accumulateResponse,
  accumulateToolCalls,
  collectToolCalls,
  collectUsage,
  contentDeltas,
  reasoningDeltas,
  refusalDeltas,
  retryWithBackoff,
  splitChoices,
  takeChunks,
  toAsyncIterable,
  untilDone,
} from 'rxdelta';
import type { ChatCompletionChunk, ResponseStreamEvent } from 'rxdelta/openai';
import {
  chatChunk,
  content,
  finish,
  outputText,
  responseEnd,
  responseEvent,
  role,
  toolCalls,
  usage,
} from '../support/chunks';
import { record } from '../support/record';

/** A source of chunks, and what makes it emit once it has been subscribed, where it does not by itself. */
interface Foreign {
  source: Observable<any>;
  play?: () => void;
}

/** The official SDK, whose server answers with these events, one response for each request. */
function sdk(...bodies: string[]): OpenAI {
  return new OpenAI({
    apiKey: 'key',
    baseURL: 'http://localhost/v1',
    maxRetries: 0,
    fetch: async () => new Response(bodies.shift(), { headers: { 'content-type': 'text/event-stream' } }),
  });
}

/** The body of a stream that gives these chunks. */
function body(chunks: readonly object[]): string {
  return [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
}

const chatParams = { model: 'm', messages: [], stream: true as const };
const responseParams = { model: 'm', input: 'Hi', stream: true } as const;

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

async function* generated<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) {
    await new Promise((resolve) => setImmediate(resolve));
    yield value;
  }
}

/** Ways in which others give the same chunks. */
const sources: Record<string, (chunks: readonly object[]) => Promise<Foreign>> = {
  'a stream of the official SDK': async (chunks) => {
    const client = sdk(body(chunks));
    const stream: AsyncIterable<object> =
      'type' in chunks[0]!
        ? await client.responses.create(responseParams)
        : await client.chat.completions.create(chatParams);
    return { source: from(stream) };
  },
  'a Subject': async (chunks) => {
    const source = new Subject<object>();
    const play = () => {
      for (const chunk of chunks) source.next(chunk);
      source.complete();
    };
    return { source, play };
  },
  'frozen objects': async (chunks) => ({ source: from(chunks.map((chunk) => frozen(structuredClone(chunk)))) }),
  'objects without a prototype': async (chunks) => ({
    source: from(chunks.map((chunk) => Object.assign(Object.create(null) as object, chunk))),
  }),
  'an async generator': async (chunks) => ({ source: from(generated(chunks)) }),
};

const chatAnswer = [
  role(),
  chatChunk({ delta: { reasoning_content: 'Let me' } }),
  chatChunk({ delta: { reasoning_content: ' see' } }),
  content('Hel'),
  chatChunk({ index: 0, delta: { content: 'lo' } }, { index: 1, delta: { content: 'Bye' } }),
  chatChunk({ index: 1, delta: { refusal: 'No.' } }),
  toolCalls({ index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":' } }),
  toolCalls({ index: 0, function: { arguments: '"Bonn"}' } }),
  finish('stop', 1),
  finish('tool_calls'),
  usage(),
];

const item = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'weather', arguments: '{"city":"Bonn"}' };
const summaryDelta = (delta: string) =>
  responseEvent('response.reasoning_summary_text.delta', { item_id: 'rs_1', output_index: 0, summary_index: 0, delta });
const message = {
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
};
const reasoning = { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Let me see' }] };
const counted = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
const messageEvents = [outputText('Hel'), outputText('lo')].map((event) => ({ ...event, output_index: 1 }));
const response = [
  responseEvent('response.created', {
    response: { id: 'resp_1', object: 'response', status: 'in_progress', output: [] },
  }),
  responseEvent('response.output_item.added', { output_index: 0, item: { ...reasoning, summary: [] } }),
  summaryDelta('Let me'),
  summaryDelta(' see'),
  ...messageEvents,
  responseEvent('response.refusal.delta', { item_id: 'msg_1', output_index: 1, content_index: 1, delta: 'No.' }),
  responseEvent('response.output_item.added', { output_index: 2, item: { ...item, arguments: '' } }),
  responseEvent('response.function_call_arguments.delta', {
    item_id: 'fc_1',
    output_index: 2,
    delta: '{"city":"Bonn"}',
  }),
  responseEvent('response.output_item.done', { output_index: 2, item }),
  responseEnd('completed', { output: [reasoning, message, item], usage: counted }),
] as ResponseStreamEvent[];

const call = { choice: 0, index: 0, id: 'a', type: 'function', name: 'weather', arguments: '{"city":"Bonn"}' };

/** An operator, how many values it makes of the answer, and the last of them. */
type Row = [name: string, operator: () => OperatorFunction<any, unknown>, count: number, last: unknown];

const ofChat: Row[] = [
  ['contentDeltas', () => contentDeltas(), 2, 'lo'],
  ['accumulateContent', () => accumulateContent(), 2, 'Hello'],
  ['accumulateContent of another choice', () => accumulateContent({ choice: 1 }), 1, 'Bye'],
  ['reasoningDeltas', () => reasoningDeltas(), 2, ' see'],
  ['accumulateReasoning', () => accumulateReasoning(), 2, 'Let me see'],
  ['refusalDeltas', () => refusalDeltas({ choice: 1 }), 1, 'No.'],
  ['accumulateToolCalls', () => accumulateToolCalls(), 2, [call]],
  ['collectToolCalls', () => collectToolCalls(), 1, call],
  ['collectUsage', () => collectUsage(), 1, usage().usage],
  ['takeChunks', () => takeChunks(4), 4, content('Hel')],
  ['untilDone', () => untilDone(), 11, usage()],
  ['retryWithBackoff', () => retryWithBackoff({ afterFirstChunk: 'restart' }), 11, usage()],
  [
    'splitChoices',
    () => (source: Observable<ChatCompletionChunk>) =>
      source.pipe(
        splitChoices(),
        mergeMap((choice) => choice.pipe(map(({ choices }) => [choice.key, choices.length]))),
      ),
    11,
    [0, 1],
  ],
  [
    'accumulateCompletion',
    () => accumulateCompletion(),
    11,
    {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_763_600_000,
      model: 'gpt-4o-mini',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          logprobs: null,
          message: {
            role: 'assistant',
            content: 'Hello',
            refusal: null,
            reasoning_content: 'Let me see',
            tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }],
          },
        },
        {
          index: 1,
          finish_reason: 'stop',
          logprobs: null,
          message: { role: 'assistant', content: 'Bye', refusal: 'No.' },
        },
      ],
      usage: usage().usage,
    },
  ],
];

const ofResponses: Row[] = [
  ['contentDeltas', () => contentDeltas(), 2, 'lo'],
  ['accumulateContent', () => accumulateContent(), 2, 'Hello'],
  ['reasoningDeltas', () => reasoningDeltas(), 2, ' see'],
  ['accumulateReasoning', () => accumulateReasoning(), 2, 'Let me see'],
  ['refusalDeltas', () => refusalDeltas(), 1, 'No.'],
  ['accumulateToolCalls', () => accumulateToolCalls(), 2, [{ ...call, index: 2 }]],
  ['collectToolCalls', () => collectToolCalls(), 1, { ...call, index: 2 }],
  ['collectUsage', () => collectUsage(), 1, counted],
  ['takeChunks', () => takeChunks(3), 3, summaryDelta('Let me')],
  ['untilDone', () => untilDone(), 11, response.at(-1)],
  ['retryWithBackoff', () => retryWithBackoff({ afterFirstChunk: 'restart' }), 11, response.at(-1)],
  [
    'accumulateResponse',
    () => accumulateResponse(),
    11,
    {
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      output: [reasoning, message, item],
      output_text: 'Hello',
      usage: counted,
    },
  ],
];

describe.each(Object.entries(sources))('over %s', (_name, open) => {
  async function check(chunks: readonly object[], [, operator, count, last]: Row): Promise<void> {
    const { source, play } = await open(chunks);
    const recorded = record(source.pipe(operator()));
    play?.();
    const { values, error, endCount } = await recorded;
    expect(error).toBeUndefined();
    expect(values.at(-1)).toEqual(last);
    expect(values).toHaveLength(count);
    expect(endCount).toBe(1);
  }

  it.each(ofChat)('%s reads chat chunks', (...row) => check(chatAnswer, row));

  it.each(ofResponses)('%s reads Responses events', (...row) => check(response, row));

  it('toAsyncIterable gives what came', async () => {
    const { source, play } = await open(chatAnswer);
    const texts: string[] = [];
    const iteration = (async () => {
      for await (const text of toAsyncIterable(source.pipe(accumulateContent()))) texts.push(text);
    })();
    play?.();
    await iteration;
    expect(texts).toEqual(['Hel', 'Hello']);
  });
});

describe('over frozen objects', () => {
  const entry = (token: string) => ({ token, logprob: -1, bytes: null, top_logprobs: [] });

  it('accumulateCompletion joins the log probabilities', async () => {
    const chunk = (token: string) =>
      frozen(chatChunk({ delta: { content: token }, logprobs: { content: [entry(token)] } }));
    const { values, error } = await record(from([chunk('Hel'), chunk('lo')]).pipe(accumulateCompletion()));
    expect(error).toBeUndefined();
    expect(values.at(-1)?.choices[0]?.logprobs).toEqual({ content: [entry('Hel'), entry('lo')] });
  });

  it('accumulateResponse joins the log probabilities', async () => {
    const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const delta = (token: string) =>
      frozen(responseEvent('response.output_text.delta', { ...place, delta: token, logprobs: [entry(token)] }));
    const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
    const added = frozen(responseEvent('response.content_part.added', { ...place, part }));
    const { values, error } = await record(from([added, delta('Hel'), delta('lo')]).pipe(accumulateResponse()));
    expect(error).toBeUndefined();
    expect(values.at(-1)?.output).toMatchObject([
      { content: [{ text: 'Hello', logprobs: [entry('Hel'), entry('lo')] }] },
    ]);
  });
});

describe('for a consumer that freezes what comes', () => {
  /** What comes, each value frozen all the way down before the source goes on. */
  function frozenResults(chunks: readonly object[], operator: OperatorFunction<any, unknown>) {
    const source = new Subject<object>();
    const kept: { value: unknown; asEmitted: unknown }[] = [];
    const errors: unknown[] = [];
    source.pipe(operator).subscribe({
      next: (value) => kept.push({ asEmitted: JSON.parse(JSON.stringify(value)), value: frozen(value) }),
      error: (error: unknown) => errors.push(error),
    });
    for (const chunk of chunks) source.next(chunk);
    return { kept, errors };
  }

  it.each<[string, OperatorFunction<any, unknown>, readonly object[], number]>([
    ['accumulateToolCalls of chat', accumulateToolCalls(), chatAnswer, 2],
    ['accumulateToolCalls of a Response', accumulateToolCalls(), response, 2],
    ['accumulateCompletion', accumulateCompletion(), chatAnswer, 11],
    ['accumulateResponse', accumulateResponse(), response, 11],
  ])('%s goes on, and changes nothing that was emitted', (_label, operator, chunks, count) => {
    const { kept, errors } = frozenResults(structuredClone(chunks), operator);
    expect(errors).toEqual([]);
    expect(kept).toHaveLength(count);
    for (const { value, asEmitted } of kept) expect(JSON.parse(JSON.stringify(value))).toEqual(asEmitted);
  });

  it('accumulateResponse goes on where the text has log probabilities', () => {
    const delta = (text: string) => ({
      ...outputText(text),
      logprobs: [{ token: text, logprob: -1, top_logprobs: [] }],
    });
    const { kept, errors } = frozenResults([delta('Hel'), delta('lo')], accumulateResponse());
    expect(errors).toEqual([]);
    expect(kept).toHaveLength(2);
  });
});

describe('over the official SDK', () => {
  const again = { maxRetries: 1, initialDelayMs: 1, shouldRetry: () => true, afterFirstChunk: 'restart' } as const;
  const error = `data: ${JSON.stringify({ error: { message: 'overloaded' } })}\n\n`;

  it('retryWithBackoff asks again where shouldRetry says so, and the text starts again', async () => {
    const broken = body([content('Hel')]).replace('data: [DONE]\n\n', error);
    const client = sdk(broken, body([content('Hel'), content('lo'), finish()]));
    const stream = defer(() => client.chat.completions.create(chatParams)).pipe(mergeMap((chunks) => from(chunks)));
    const { values, isComplete } = await record(stream.pipe(retryWithBackoff(again), accumulateContent()));
    expect(values).toEqual(['Hel', 'Hel', 'Hello']);
    expect(isComplete).toBe(true);
  });

  it('passes an error of the SDK on as it is', async () => {
    const client = sdk(body([content('Hel')]).replace('data: [DONE]\n\n', error));
    const stream = await client.chat.completions.create(chatParams);
    const { values, error: raised } = await record(from(stream).pipe(retryWithBackoff(), accumulateCompletion()));
    expect(values).toHaveLength(1);
    expect(raised).toBeInstanceOf(OpenAI.APIError);
  });

  it('untilDone notices an answer that was cut, which the SDK takes for whole', async () => {
    const client = sdk(body([content('Hel')]).replace('data: [DONE]\n\n', ''));
    const stream = await client.chat.completions.create(chatParams);
    const { values, error: raised } = await record(from(stream).pipe(untilDone(), accumulateContent()));
    expect(values).toEqual(['Hel']);
    expect(raised).toMatchObject({ name: 'StreamTruncatedError' });
  });
});
