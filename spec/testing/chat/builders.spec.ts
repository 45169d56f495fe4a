import fc from 'fast-check';
import { firstValueFrom, from, toArray } from 'rxjs';
import {
  accumulateCompletion,
  accumulateContent,
  collectToolCalls,
  collectUsage,
  contentDeltas,
  createClient,
  reasoningDeltas,
  refusalDeltas,
  splitChoices,
} from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import {
  contentChunk,
  contentChunks,
  fakeTransport,
  finish,
  finishChunk,
  functionCallChunks,
  reasoningChunk,
  refusalChunk,
  roleChunk,
  toolCallChunks,
  usageChunk,
} from 'rxdelta/testing';
import { emittedOf } from '../../support/answers';
import { codePoint } from '../../support/codePoint';
import { finalChatCompletion } from '../../support/sdk';

const every = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(Infinity));
const text = fc.string({ unit: codePoint, maxLength: 30 });
const word = fc.string({ minLength: 1, maxLength: 8 });
const call = fc.record(
  { name: word, arguments: fc.oneof(text, fc.dictionary(word, fc.integer())), every },
  { requiredKeys: ['name', 'arguments'] },
);

/** What the real client reads of these chunks. */
function received(chunks: readonly ChatCompletionChunk[]): Promise<ChatCompletionChunk[]> {
  const client = createClient({ apiKey: 'key', transport: fakeTransport([chunks]) });
  return firstValueFrom(client.chat.completions.stream({ model: 'm', messages: [] }).pipe(toArray()));
}

describe('contentChunks', () => {
  it('makes a whole answer: the role, the text in pieces, the finish reason', () => {
    const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_763_600_000, model: 'gpt-4o-mini' };
    const choice = { index: 0, logprobs: null, finish_reason: null };
    expect(contentChunks('Hello')).toEqual([
      { ...base, choices: [{ ...choice, delta: { role: 'assistant', content: '', refusal: null } }] },
      { ...base, choices: [{ ...choice, delta: { content: 'Hell' } }] },
      { ...base, choices: [{ ...choice, delta: { content: 'o' } }] },
      { ...base, choices: [{ ...choice, delta: {}, finish_reason: 'stop' }] },
    ]);
  });

  it('takes ids, time, model, choice and finish reason', () => {
    const own = { id: 'c', created: 7, model: 'm' };
    const chunks = contentChunks('Hi', { ...own, choice: 2, finishReason: 'length' });
    expect(chunks).toHaveLength(3);
    for (const chunk of chunks) expect(chunk).toMatchObject({ ...own, choices: [{ index: 2 }] });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('length');
  });

  it('never tears a character', () => {
    expect(emittedOf(contentChunks('a😀b', { every: 1 }), contentDeltas())).toEqual(['a', '😀', 'b']);
  });

  it('splits a long text without going through it again for each piece', () => {
    const text = 'x'.repeat(200_000);
    const start = performance.now();
    const chunks = contentChunks(text, { every: 1 });
    expect(performance.now() - start).toBeLessThan(2000);
    expect(chunks).toHaveLength(200_002);
  });

  it('gives no text for an empty one', () => {
    expect(contentChunks('')).toEqual([roleChunk(), finishChunk()]);
  });

  it.each([0, -1, 1.5, NaN])('refuses %p characters', (count) => {
    expect(() => contentChunks('Hello', { every: count })).toThrow(RangeError);
  });

  it('gives the text back, through the client, in pieces of that size', async () => {
    await fc.assert(
      fc.asyncProperty(text, every, async (whole, size) => {
        const chunks = await received(contentChunks(whole, { every: size }));
        expect(chunks).toEqual(contentChunks(whole, { every: size }));
        const pieces = emittedOf(chunks, contentDeltas());
        expect(pieces.slice(0, -1).every((piece) => Array.from(piece).length === size)).toBe(true);
        expect(emittedOf(chunks, accumulateContent()).at(-1) ?? '').toBe(whole);
        const completion = emittedOf(chunks, accumulateCompletion()).at(-1);
        expect(completion?.choices[0]?.message.content).toBe(whole);
        expect(completion).toEqual(await finalChatCompletion(chunks));
      }),
    );
  });

  it('gives each of several choices its text', async () => {
    const answers = [contentChunks('first'), contentChunks('second', { choice: 1 })];
    const texts = new Map<number, string>();
    const chunks = from(await received(answers.flat()));
    chunks.pipe(splitChoices()).subscribe((choice) => {
      choice.pipe(accumulateContent({ choice: choice.key })).subscribe((text) => texts.set(choice.key, text));
    });
    expect([...texts]).toEqual([
      [0, 'first'],
      [1, 'second'],
    ]);
  });
});

describe('toolCallChunks', () => {
  it('makes a whole answer: the role, the call, its arguments in pieces, the finish reason', () => {
    const chunks = toolCallChunks({ name: 'get_weather', arguments: { city: 'Paris' }, every: 10 });
    const open = { index: 0, id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '' } };
    const deltas = chunks.map(({ choices }) => choices[0]?.delta);
    expect(deltas).toEqual([
      { role: 'assistant', content: null, refusal: null },
      { tool_calls: [open] },
      { tool_calls: [{ index: 0, function: { arguments: '{"city":"P' } }] },
      { tool_calls: [{ index: 0, function: { arguments: 'aris"}' } }] },
      {},
    ]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('keeps a text that is no JSON, and an id', () => {
    const calls = emittedOf(toolCallChunks({ name: 'f', arguments: '{"a":', id: 'mine' }), collectToolCalls());
    expect(calls).toMatchObject([{ id: 'mine', name: 'f', arguments: '{"a":' }]);
    expect(() => calls[0]?.parsed()).toThrow();
  });

  it('gives the calls back, through the client', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 3 }), async (calls) => {
        const chunks = await received(toolCallChunks(calls));
        expect(emittedOf(chunks, collectToolCalls())).toMatchObject(
          calls.map(({ name, arguments: given }, index) => ({
            ...{ choice: 0, index, id: `call_${index + 1}`, type: 'function', name },
            arguments: typeof given === 'string' ? given : JSON.stringify(given),
          })),
        );
        expect(emittedOf(chunks, accumulateCompletion()).at(-1)).toEqual(await finalChatCompletion(chunks));
      }),
    );
  });
});

describe('functionCallChunks', () => {
  it('gives the call back, through the client', async () => {
    await fc.assert(
      fc.asyncProperty(call, async ({ name, arguments: given, every: size }) => {
        const chunks = await received(functionCallChunks({ name, arguments: given, every: size }));
        expect(emittedOf(chunks, collectToolCalls())).toMatchObject([
          { type: 'function_call', name, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
        ]);
        expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('function_call');
        expect(emittedOf(chunks, accumulateCompletion()).at(-1)).toEqual(await finalChatCompletion(chunks));
      }),
    );
  });
});

describe('the builders of single chunks', () => {
  it('make text', () => {
    expect(emittedOf([contentChunk('Hel'), contentChunk('lo')], accumulateContent())).toEqual(['Hel', 'Hello']);
  });

  it('make a refusal', async () => {
    const chunks = await received([roleChunk(), refusalChunk('I '), refusalChunk('cannot.'), finishChunk()]);
    expect(emittedOf(chunks, refusalDeltas())).toEqual(['I ', 'cannot.']);
    expect(emittedOf(chunks, accumulateCompletion()).at(-1)).toEqual(await finalChatCompletion(chunks));
  });

  it.each(['reasoning_content', 'reasoning'] as const)('make reasoning in %s', async (field) => {
    const chunk = reasoningChunk('First, ', { field, choice: 1 });
    expect(chunk.choices).toMatchObject([{ index: 1, delta: { [field]: 'First, ' } }]);
    expect(emittedOf([chunk], reasoningDeltas({ choice: 1 }))).toEqual(['First, ']);
  });

  it('make usage, whose total is the sum', async () => {
    const chunks = await received([...contentChunks('Hello'), usageChunk({ completion_tokens: 7 })]);
    expect(emittedOf(chunks, collectUsage())).toEqual([{ prompt_tokens: 3, completion_tokens: 7, total_tokens: 10 }]);
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(usageChunk({ total_tokens: 1 }).usage?.total_tokens).toBe(1);
    expect(emittedOf(chunks, accumulateCompletion()).at(-1)).toEqual(await finalChatCompletion(chunks));
  });

  it('make a finish reason, also by its short name', () => {
    expect(finish('length')).toEqual(finishChunk('length'));
    expect(finish().choices).toEqual([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]);
  });
});
