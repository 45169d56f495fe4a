import fc from 'fast-check';
import { from, map, mergeMap, type OperatorFunction } from 'rxjs';
import {
  accumulateCompletion,
  accumulateContent,
  accumulateReasoning,
  accumulateResponse,
  accumulateToolCalls,
  collectToolCalls,
  splitChoices,
} from 'rxdelta';
import type { ChatCompletionChunk, ResponseStreamEvent } from 'rxdelta/openai';
import { chatChunk, responseEnd, responseEvent } from '../support/chunks';
import { codePoint } from '../support/codePoint';

/** All that an operator makes of these values. */
function valuesOf<T, V>(items: readonly T[], operator: OperatorFunction<T, V>): V[] {
  const values: V[] = [];
  from(items)
    .pipe(operator)
    .subscribe((value) => values.push(value));
  return values;
}

/** An arrangement of several lists into one that keeps the order of each: whose turn it is, again and again. */
function turns(lengths: readonly number[]): fc.Arbitrary<number[]> {
  const slots = lengths.flatMap((length, list) => Array<number>(length).fill(list));
  return fc.shuffledSubarray(slots, { minLength: slots.length });
}

/** The lists as one, in the order of the turns. */
function interleaved<T>(lists: readonly (readonly T[])[], order: readonly number[]): T[] {
  const taken = lists.map(() => 0);
  return order.map((list) => lists[list]![taken[list]!++]!);
}

const name = fc.string({ minLength: 1, maxLength: 5 });
const piece = fc.string({ unit: codePoint, minLength: 1, maxLength: 4 });
const pieces = fc.array(piece, { maxLength: 4 });

// ── chat

interface Call {
  id: string;
  tool: string;
  kind: 'function' | 'custom';
  texts: string[];
}

interface Choice {
  content: string[];
  reasoning: string[];
  calls: Call[];
}

/** A piece of the delta of a choice. */
interface Delta {
  choice: number;
  delta: { content?: string; reasoning_content?: string; tool_calls?: object[] };
}

const call = fc.record<Call>({ id: name, tool: name, kind: fc.constantFrom('function', 'custom'), texts: pieces });
const choice = fc.record<Choice>({
  content: pieces,
  reasoning: pieces,
  calls: fc.uniqueArray(call, { selector: ({ id }) => id, maxLength: 3 }),
});

/** A part of a call, in the form of its kind. */
function callPart({ kind }: Call, index: number, text: string, opening: { id?: string; name?: string } = {}): object {
  const { id, name: tool } = opening;
  const named = tool === undefined ? {} : { name: tool };
  return {
    index,
    ...(id !== undefined && { id, type: kind }),
    ...(kind === 'custom' ? { custom: { ...named, input: text } } : { function: { ...named, arguments: text } }),
  };
}

/** The text, the reasoning and each call of a choice, each a list whose order counts. */
function listsOf({ content, reasoning, calls }: Choice, index: number): Delta[][] {
  const wrap = (deltas: Delta['delta'][]) => deltas.map((delta) => ({ choice: index, delta }));
  return [
    wrap(content.map((text) => ({ content: text }))),
    wrap(reasoning.map((text) => ({ reasoning_content: text }))),
    ...calls.map((one, place) => {
      const opening = callPart(one, place, '', { id: one.id, name: one.tool });
      const parts = [opening, ...one.texts.map((text) => callPart(one, place, text))];
      return wrap(parts.map((part) => ({ tool_calls: [part] })));
    }),
  ];
}

/** Adds a delta to the last chunk, unless that has such a delta of the choice already. */
function joins(chunk: Map<number, Delta['delta']>, { choice: index, delta }: Delta): boolean {
  const known = chunk.get(index) ?? {};
  if (delta.tool_calls && known.tool_calls) {
    chunk.set(index, { ...known, tool_calls: [...known.tool_calls, ...delta.tool_calls] });
    return true;
  }
  if (Object.keys(delta).some((field) => field in known)) return false;
  chunk.set(index, { ...known, ...delta });
  return true;
}

/**
 * The deltas as chunks, each of which holds as many as it may until the next one is opened.
 *
 * @param finishes - the order in which choices finish that do so at the end
 * @param isEarly - whether each choice finishes as soon as nothing more comes of it instead
 */
function chunksOf(
  deltas: Delta[],
  opensChunk: readonly boolean[],
  finishes: readonly number[],
  isEarly: boolean,
): ChatCompletionChunk[] {
  const chunks: Map<number, Delta['delta']>[] = [];
  deltas.forEach((delta, position) => {
    const last = chunks.at(-1);
    if (!opensChunk[position] && last && joins(last, delta)) return;
    chunks.push(new Map([[delta.choice, delta.delta]]));
  });
  const lastChunk = (index: number) =>
    isEarly ? chunks.map((chunk) => chunk.has(index)).lastIndexOf(true) : chunks.length - 1;
  const endsAfter = (position: number) =>
    finishes
      .filter((index) => lastChunk(index) === position)
      .map((index) => chatChunk({ index, finish_reason: 'stop' }));
  return [
    ...endsAfter(-1),
    ...chunks.flatMap((chunk, position) => [
      chatChunk(...[...chunk].map(([index, delta]) => ({ index, delta }))),
      ...endsAfter(position),
    ]),
  ];
}

/** The whole answer in one chunk. */
function wholeChunk(choices: Choice[]): ChatCompletionChunk {
  return chatChunk(
    ...choices.map(({ content, reasoning, calls }, index) => ({
      index,
      delta: {
        role: 'assistant',
        content: content.length > 0 ? content.join('') : null,
        ...(reasoning.length > 0 && { reasoning_content: reasoning.join('') }),
        ...(calls.length > 0 && {
          tool_calls: calls.map((one, place) =>
            callPart(one, place, one.texts.join(''), { id: one.id, name: one.tool }),
          ),
        }),
      },
      finish_reason: 'stop',
    })),
  );
}

/** An answer, and the chunks that it was split into. */
const splitAnswer = fc.array(choice, { minLength: 1, maxLength: 3 }).chain((choices) => {
  const lists = choices.flatMap(listsOf);
  const count = lists.flat().length;
  return fc
    .record({
      order: turns(lists.map(({ length }) => length)),
      opensChunk: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
      finishes: turns(choices.map(() => 1)),
      isEarly: fc.boolean(),
    })
    .map(({ order, opensChunk, finishes, isEarly }) => ({
      choices,
      chunks: chunksOf(interleaved(lists, order), opensChunk, finishes, isEarly),
    }));
});

describe('a chat answer, however it is split and interleaved,', () => {
  /** The calls of an answer as they must come out, by choice and index. */
  function callsOf(choices: readonly Choice[]): object[] {
    return choices.flatMap(({ calls }, index) =>
      calls.map(({ id, tool, kind, texts }, place) => ({
        choice: index,
        index: place,
        id,
        type: kind,
        name: tool,
        arguments: texts.join(''),
      })),
    );
  }

  it('gives the same text of each choice', () => {
    fc.assert(
      fc.property(splitAnswer, ({ choices, chunks }) => {
        choices.forEach(({ content }, index) => {
          const texts = valuesOf(chunks, accumulateContent({ choice: index }));
          expect(texts).toHaveLength(content.length);
          expect(texts.at(-1) ?? '').toBe(content.join(''));
          expect(texts.at(-1)).toEqual(valuesOf([wholeChunk(choices)], accumulateContent({ choice: index })).at(-1));
        });
      }),
    );
  });

  it('gives the same reasoning of each choice', () => {
    fc.assert(
      fc.property(splitAnswer, ({ choices, chunks }) => {
        choices.forEach(({ reasoning }, index) => {
          const texts = valuesOf(chunks, accumulateReasoning({ choice: index }));
          expect(texts).toHaveLength(reasoning.length);
          expect(texts.at(-1) ?? '').toBe(reasoning.join(''));
          expect(texts.at(-1)).toEqual(valuesOf([wholeChunk(choices)], accumulateReasoning({ choice: index })).at(-1));
        });
      }),
    );
  });

  it('gives the same calls so far in the end', () => {
    fc.assert(
      fc.property(splitAnswer, ({ choices, chunks }) => {
        const expected = callsOf(choices);
        expect(valuesOf(chunks, accumulateToolCalls()).at(-1) ?? []).toEqual(expected);
        expect(valuesOf([wholeChunk(choices)], accumulateToolCalls()).at(-1) ?? []).toEqual(expected);
      }),
    );
  });

  it('hands out the same calls, choice by choice as they finish', () => {
    fc.assert(
      fc.property(splitAnswer, ({ choices, chunks }) => {
        const collected = valuesOf(chunks, collectToolCalls());
        const sorted = [...collected].sort((one, other) => one.choice - other.choice || one.index - other.index);
        expect(sorted).toEqual(callsOf(choices));
        const finishes = chunks.flatMap((chunk) => chunk.choices).filter(({ finish_reason }) => finish_reason);
        const order = finishes.flatMap(({ index }) => choices[index]!.calls.map(() => index));
        expect(collected.map((one) => one.choice)).toEqual(order);
        expect(valuesOf([wholeChunk(choices)], collectToolCalls())).toEqual(callsOf(choices));
      }),
    );
  });

  it('gives the same completion', () => {
    fc.assert(
      fc.property(splitAnswer, ({ choices, chunks }) => {
        const completion = valuesOf(chunks, accumulateCompletion()).at(-1);
        expect(completion).toEqual(valuesOf([wholeChunk(choices)], accumulateCompletion()).at(-1));
        expect(completion?.choices.map(({ index }) => index)).toEqual(choices.map((_, index) => index));
        expect(completion?.choices.map(({ message }) => message.content ?? '')).toEqual(
          choices.map(({ content }) => content.join('')),
        );
      }),
    );
  });

  it('gives the same completion in the group of each choice', () => {
    /** The last completion of each group. */
    const byChoice = (chunks: ChatCompletionChunk[]) => {
      const completions = new Map<number, unknown>();
      const pairs = valuesOf(chunks, (source) =>
        source.pipe(
          splitChoices(),
          mergeMap((group) =>
            group.pipe(
              accumulateCompletion(),
              map(({ choices }) => ({ key: group.key, choices })),
            ),
          ),
        ),
      );
      for (const { key, choices } of pairs) completions.set(key, choices);
      return completions;
    };
    fc.assert(
      fc.property(splitAnswer, ({ choices, chunks }) => {
        const groups = byChoice(chunks);
        const whole = valuesOf([wholeChunk(choices)], accumulateCompletion()).at(-1)!;
        expect(groups.size).toBe(choices.length);
        whole.choices.forEach((one) => {
          expect(groups.get(one.index)).toEqual([one]);
        });
      }),
    );
  });

  it('gives another completion where the last chunk is missing', () => {
    fc.assert(
      fc.property(splitAnswer, ({ choices, chunks }) => {
        const whole = valuesOf([wholeChunk(choices)], accumulateCompletion()).at(-1);
        const cut = valuesOf(chunks.slice(0, -1), accumulateCompletion()).at(-1);
        expect(cut).not.toEqual(whole);
      }),
    );
  });
});

// ── Responses

/** An item whose text stands in parts. */
interface TextItem {
  kind: 'message' | 'reasoning';
  parts: string[][];
}

interface CallItem {
  kind: 'function_call' | 'custom_tool_call';
  tool: string;
  texts: string[];
}

type Item = TextItem | CallItem;

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('message' as const, 'reasoning' as const),
    parts: fc.array(pieces, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constantFrom('function_call' as const, 'custom_tool_call' as const),
    tool: name,
    texts: pieces,
  }),
);

/** How much the server says again in the end: nothing; the parts and items; the whole Response too. */
type Ending = 'deltas' | 'items' | 'response';

/** An item as the API has it. */
function outputItem(one: Item, place: number, isOpen: boolean): Record<string, unknown> {
  const known = { id: `item_${place}`, type: one.kind, status: isOpen ? 'in_progress' : 'completed' };
  switch (one.kind) {
    case 'message':
      return { ...known, role: 'assistant', content: one.parts.map((texts) => part(one.kind, texts.join(''))) };
    case 'reasoning':
      return { ...known, summary: one.parts.map((texts) => part(one.kind, texts.join(''))) };
    case 'function_call':
      return { ...known, call_id: `call_${place}`, name: one.tool, arguments: one.texts.join('') };
    case 'custom_tool_call':
      return { ...known, call_id: `call_${place}`, name: one.tool, input: one.texts.join('') };
  }
}

function part(kind: 'message' | 'reasoning', text: string): object {
  return kind === 'message' ? { type: 'output_text', text, annotations: [] } : { type: 'summary_text', text };
}

/** The events of each part of an item, or of its arguments; each a list whose order counts. */
function partEvents(one: Item, place: number, ending: Ending): ResponseStreamEvent[][] {
  const at = { item_id: `item_${place}`, output_index: place };
  const isRepeated = ending !== 'deltas';
  if ('texts' in one) {
    const subject = one.kind === 'function_call' ? 'function_call_arguments' : 'custom_tool_call_input';
    const field = one.kind === 'function_call' ? 'arguments' : 'input';
    return [
      [
        ...one.texts.map((delta) => responseEvent(`response.${subject}.delta`, { ...at, delta })),
        ...(isRepeated ? [responseEvent(`response.${subject}.done`, { ...at, [field]: one.texts.join('') })] : []),
      ],
    ];
  }
  const isMessage = one.kind === 'message';
  const [holder, text, index] = isMessage
    ? ['content_part', 'output_text', 'content_index']
    : ['reasoning_summary_part', 'reasoning_summary_text', 'summary_index'];
  return one.parts.map((texts, position) => {
    const here = { ...at, [index]: position };
    const whole = texts.join('');
    return [
      responseEvent(`response.${holder}.added`, { ...here, part: part(one.kind, '') }),
      ...texts.map((delta) => responseEvent(`response.${text}.delta`, { ...here, delta })),
      ...(isRepeated
        ? [
            responseEvent(`response.${text}.done`, { ...here, text: whole }),
            responseEvent(`response.${holder}.done`, { ...here, part: part(one.kind, whole) }),
          ]
        : []),
    ];
  });
}

/** The events of an item: what opens it, its parts in the order of the turns, what closes it. */
function itemEvents(one: Item, place: number, ending: Ending, order: number[]): ResponseStreamEvent[] {
  const empty: Item = 'texts' in one ? { ...one, texts: [] } : { ...one, parts: [] };
  const at = { output_index: place };
  return [
    responseEvent('response.output_item.added', { ...at, item: outputItem(empty, place, true) }),
    ...interleaved(partEvents(one, place, ending), order),
    ...(ending === 'deltas'
      ? []
      : [responseEvent('response.output_item.done', { ...at, item: outputItem(one, place, false) })]),
  ];
}

/** A Response, and the events that it was split into. */
const splitResponse = fc
  .record({
    items: fc.array(item, { minLength: 1, maxLength: 4 }),
    ending: fc.constantFrom<Ending>('deltas', 'items', 'response'),
  })
  .chain(({ items, ending }) =>
    fc
      .tuple(...items.map((one, place) => turns(partEvents(one, place, ending).map(({ length }) => length))))
      .chain((orders) => {
        const lists = items.map((one, place) => itemEvents(one, place, ending, orders[place]!));
        const output = items.map((one, place) => outputItem(one, place, ending === 'deltas'));
        return turns(lists.map(({ length }) => length)).map((order) => ({
          items,
          output,
          ending,
          events: [
            ...interleaved(lists, order),
            ...(ending === 'response' ? [responseEnd('completed', { output })] : []),
          ],
        }));
      }),
  );

describe('a Response, however it is split and interleaved,', () => {
  /** The calls of a Response as they must come out, by place. */
  function callsOf(items: readonly Item[]): object[] {
    return items.flatMap((one, place) =>
      'texts' in one
        ? {
            choice: 0,
            index: place,
            id: `call_${place}`,
            type: one.kind === 'function_call' ? 'function' : 'custom',
            name: one.tool,
            arguments: one.texts.join(''),
          }
        : [],
    );
  }

  it('gives the same Response', () => {
    fc.assert(
      fc.property(splitResponse, ({ items, output, events }) => {
        const response = valuesOf(events, accumulateResponse()).at(-1);
        const whole = valuesOf([responseEnd('completed', { output })], accumulateResponse()).at(-1);
        expect(response?.output).toEqual(output);
        expect(response?.output).toEqual(whole?.output);
        expect(response?.output_text).toBe(whole?.output_text);
        const texts = items.flatMap((one) => (one.kind === 'message' ? one.parts.flat() : []));
        expect(response?.output_text).toBe(texts.join(''));
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same calls so far in the end', () => {
    fc.assert(
      fc.property(splitResponse, ({ items, output, events }) => {
        const expected = callsOf(items);
        expect(valuesOf(events, accumulateToolCalls()).at(-1) ?? []).toEqual(expected);
        const whole = [responseEnd('completed', { output })];
        expect(valuesOf(whole, accumulateToolCalls()).at(-1) ?? []).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('hands out the same calls, or none where the server said of none that it was whole', () => {
    fc.assert(
      fc.property(splitResponse, ({ items, ending, events }) => {
        const collected = valuesOf(events, collectToolCalls()).sort((one, other) => one.index - other.index);
        expect(collected).toEqual(ending === 'deltas' ? [] : callsOf(items));
      }),
      { numRuns: 200 },
    );
  });
});
