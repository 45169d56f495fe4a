import fc from 'fast-check';
import { firstValueFrom, toArray } from 'rxjs';
import {
  accumulateContent,
  accumulateResponse,
  APIStreamError,
  collectToolCalls,
  collectUsage,
  createClient,
  reasoningDeltas,
  refusalDeltas,
} from 'rxdelta';
import type { ResponseStreamEvent } from 'rxdelta/openai';
import { fakeTransport, responseEvents, type FakeOutputItem } from 'rxdelta/testing';
import { emittedOf } from '../../support/answers';
import { codePoint } from '../../support/codePoint';
import { record } from '../../support/record';
import { finalResponse } from '../../support/sdk';

/** A stream of these events through the real client. */
function streamOf(events: readonly ResponseStreamEvent[]) {
  return createClient({ apiKey: 'key', transport: fakeTransport([events]) }).responses.stream({
    model: 'm',
    input: '',
  });
}

function received(events: readonly ResponseStreamEvent[]): Promise<ResponseStreamEvent[]> {
  return firstValueFrom(streamOf(events).pipe(toArray()));
}

const text = fc.string({ unit: codePoint, maxLength: 20 });
const word = fc.string({ minLength: 1, maxLength: 8 });
const item: fc.Arbitrary<FakeOutputItem> = fc.oneof(
  fc.record({ text }),
  fc.record({ refusal: text }),
  fc.record({ reasoning: text }),
  fc.record({ functionCall: fc.record({ name: word, arguments: text }) }),
  fc.record({ customToolCall: fc.record({ name: word, input: text }) }),
);

describe('responseEvents', () => {
  it('makes the events of a text, in order and numbered', () => {
    const events = responseEvents.text('Hello', { every: 3 });
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map((event) => 'sequence_number' in event && event.sequence_number)).toEqual([...events.keys()]);
    expect(events[5]).toEqual({
      type: 'response.output_text.delta',
      sequence_number: 5,
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta: 'lo',
      logprobs: [],
    });
  });

  it('takes id, time, model and usage', () => {
    const usage = { ...emittedOf(responseEvents.text(''), collectUsage())[0]!, total_tokens: 99 };
    const events = responseEvents.text('Hi', { id: 'r', createdAt: 7, model: 'm', usage });
    for (const at of [0, 1, -1]) {
      expect(events.at(at)).toMatchObject({ response: { id: 'r', created_at: 7, model: 'm' } });
    }
    expect(emittedOf(events, collectUsage())).toEqual([usage]);
  });

  it('gives every item back, through the client and through the helper of the SDK', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), async (items, every) => {
        const events = await received(responseEvents.items(items, { every }));
        expect(events.map((event) => (event as { sequence_number: number }).sequence_number)).toEqual([
          ...events.keys(),
        ]);
        const response = emittedOf(events, accumulateResponse()).at(-1);
        expect(response).toEqual(await finalResponse(events));
        // Also without the last event, which repeats all: by what the others brought.
        expect(emittedOf(events.slice(0, -1), accumulateResponse()).at(-1)?.output).toEqual(response?.output);
        expect(response?.output.map(asGiven)).toEqual(items);
        // What an event says at an end is what the deltas before it had brought.
        const after = (count: number) => emittedOf(events.slice(0, count), accumulateResponse()).at(-1)?.output;
        for (const [at, { type }] of events.entries()) {
          if (type.endsWith('.done')) expect(after(at + 1)?.map(asGiven)).toEqual(after(at)?.map(asGiven));
        }
        const said = items.map((each) => ('text' in each ? each.text : '')).join('');
        expect(response?.output_text).toBe(said);
        expect(emittedOf(events, accumulateContent()).at(-1) ?? '').toBe(said);
      }),
    );
  });

  it('refuses', async () => {
    expect(emittedOf(await received(responseEvents.refusal('No.')), refusalDeltas()).join('')).toBe('No.');
  });

  it('reasons, and then says what it found', async () => {
    const events = await received(responseEvents.reasoning('Two and two.', 'Four'));
    expect(emittedOf(events, reasoningDeltas()).join('')).toBe('Two and two.');
    expect(emittedOf(events, accumulateContent()).at(-1)).toBe('Four');
    expect(responseEvents.reasoning('Two').at(-1)).toMatchObject({ response: { output: [{ id: 'rs_1' }] } });
  });

  it('calls functions', async () => {
    const paris = { name: 'get_weather', arguments: { city: 'Paris' } };
    const events = await received(responseEvents.functionCall([paris, { ...paris, callId: 'mine' }]));
    expect(emittedOf(events, collectToolCalls())).toMatchObject([
      { index: 0, id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' },
      { index: 1, id: 'mine', name: 'get_weather', arguments: '{"city":"Paris"}' },
    ]);
  });

  it('calls a custom tool', async () => {
    const events = await received(responseEvents.customToolCall({ name: 'python', input: 'print(1)' }));
    expect(emittedOf(events, collectToolCalls())).toMatchObject([{ type: 'custom', arguments: 'print(1)' }]);
  });

  it('stops at a limit', async () => {
    const events = await received(responseEvents.incomplete('Hel'));
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ status: 'incomplete' }],
      },
    });
    expect(emittedOf(events, accumulateResponse()).at(-1)).toEqual(await finalResponse(events));
    const filtered = responseEvents.incomplete('Hel', { reason: 'content_filter' });
    expect(filtered.at(-1)).toMatchObject({ response: { incomplete_details: { reason: 'content_filter' } } });
  });

  it('fails, after what it had said', async () => {
    const events = responseEvents.failed({ message: 'Out of luck' }, { items: [{ text: 'Hel' }] });
    const { values, error } = await record(streamOf(events));
    expect(values).toEqual(events);
    expect(error).toBeInstanceOf(APIStreamError);
    expect(error).toMatchObject({ message: 'Out of luck', code: 'server_error' });
    expect(emittedOf(values, accumulateContent()).at(-1)).toBe('Hel');
  });

  it('refuses a number of characters that is none', () => {
    expect(() => responseEvents.text('Hello', { every: 0 })).toThrow(RangeError);
  });
});

/** An item as it was asked for. */
function asGiven(output: any): FakeOutputItem {
  const [part] = output.content ?? output.summary ?? [];
  const { name } = output;
  if (output.type === 'reasoning') return { reasoning: part.text };
  if (output.type === 'function_call') return { functionCall: { name, arguments: output.arguments } };
  if (output.type === 'custom_tool_call') return { customToolCall: { name, input: output.input } };
  return part.type === 'refusal' ? { refusal: part.refusal } : { text: part.text };
}
