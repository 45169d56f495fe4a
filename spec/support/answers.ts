import fc from 'fast-check';
import { from, type OperatorFunction } from 'rxjs';
import type { ChatCompletionChunk, ResponseStreamEvent } from 'rxdelta/openai';
import { chatChunk, responseEvent } from './chunks';

/** Text in the pieces that a server sends. */
const pieces = fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 4 });
const word = fc.string({ minLength: 1, maxLength: 5 });
const value = fc.oneof(word, fc.integer(), fc.boolean(), fc.record({ deep: fc.array(fc.integer(), { maxLength: 2 }) }));
/** A field that no type knows. */
const unknownField = fc.option(fc.record({ x_provider: value }), { nil: {} });
/** Says whose turn it is; the first in the row after that. */
const turns = fc.array(fc.nat(11), { maxLength: 60, size: 'max' });

const tokenLogprob = fc.record({
  token: fc.string({ maxLength: 3 }),
  logprob: fc.integer({ min: -50, max: -1 }),
  bytes: fc.array(fc.nat(255), { maxLength: 3 }),
});
/** The log probability of a token, with its bytes. */
const logprob = fc
  .tuple(tokenLogprob, fc.array(tokenLogprob, { maxLength: 2 }))
  .map(([token, top]) => ({ ...token, top_logprobs: top }));

/** What a server sends of one choice, part by part, without its index. */
type Part = Record<string, unknown>;

/** A choice of text, whose log probabilities come with it or not at all. */
function textParts(field: 'content' | 'refusal'): fc.Arbitrary<Part[]> {
  const piece = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.array(logprob, { maxLength: 2 }));
  const nothing = { content: null, refusal: null };
  return fc.tuple(fc.array(piece, { maxLength: 5 }), fc.boolean(), unknownField).map(([deltas, hasLogprobs, unknown]) =>
    deltas.map(([text, logprobs], at) => ({
      delta: { [field]: text, ...(at === 0 && unknown) },
      logprobs: hasLogprobs ? { ...nothing, [field]: logprobs } : null,
    })),
  );
}

/** A choice that calls tools, one after the other or side by side; each call begins with its id, type and name. */
const toolParts: fc.Arbitrary<Part[]> = fc
  .tuple(
    fc.array(fc.tuple(fc.boolean(), word, pieces, unknownField), { minLength: 1, maxLength: 3 }),
    turns,
    fc.boolean(),
  )
  .map(([calls, turn, isParallel]) => {
    const queues = calls.map(([isCustom, name, texts, unknown], index) => {
      const type = isCustom ? 'custom' : 'function';
      const field = isCustom ? 'input' : 'arguments';
      const opening = { index, id: `call_${index}`, type, ...unknown, [type]: { name, [field]: '' } };
      return [opening, ...texts.map((text) => ({ index, [type]: { [field]: text } }))];
    });
    const inTurn = isParallel ? interleaved(queues, turn, true) : queues.flat();
    return inTurn.map((call) => ({ delta: { tool_calls: [call] } }));
  });

const legacyParts: fc.Arbitrary<Part[]> = fc
  .tuple(word, pieces)
  .map(([name, texts]) => [
    { delta: { function_call: { name, arguments: '' } } },
    ...texts.map((text) => ({ delta: { function_call: { arguments: text } } })),
  ]);

const audioParts: fc.Arbitrary<Part[]> = fc
  .array(fc.record({ data: word, transcript: word }, { requiredKeys: [] }), { maxLength: 3 })
  .map((parts) => [
    { delta: { audio: { id: 'audio_1' } } },
    ...parts.map((audio) => ({ delta: { audio } })),
    { delta: { audio: { expires_at: 1_763_600_900 } } },
  ]);

/** All of a choice, from its role to its finish reason. */
const choiceParts: fc.Arbitrary<Part[]> = fc
  .tuple(
    fc.constantFrom<[string | null, string]>([null, 'stop'], ['', 'stop'], ['', 'length'], ['', 'content_filter']),
    fc.oneof(
      textParts('content').map((parts) => ({ parts, reason: '' })),
      textParts('refusal').map((parts) => ({ parts, reason: '' })),
      toolParts.map((parts) => ({ parts, reason: 'tool_calls' })),
      legacyParts.map((parts) => ({ parts, reason: 'function_call' })),
      audioParts.map((parts) => ({ parts, reason: '' })),
    ),
    unknownField,
  )
  .map(([[content, textReason], { parts, reason }, unknown]) => [
    { delta: { role: 'assistant', content, refusal: null } },
    ...parts,
    { delta: {}, finish_reason: reason || textReason, ...unknown },
  ]);

/** The chunks of whole chat answers, as OpenAI and Azure send them. */
export const chatAnswers: fc.Arbitrary<ChatCompletionChunk[]> = fc
  .record({
    choices: fc.array(choiceParts, { minLength: 1, maxLength: 3 }),
    turn: turns,
    hasUsage: fc.boolean(),
    isAzure: fc.boolean(),
    fixed: fc.record(
      { service_tier: fc.constantFrom('default', 'flex'), system_fingerprint: word, obfuscation: word },
      { requiredKeys: [] },
    ),
    unknown: unknownField,
  })
  .map(({ choices, turn, hasUsage, isAzure, fixed, unknown }) => {
    const queues = choices.map((parts, index) => parts.map((part) => ({ index, ...part })));
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const chunks: object[] = interleaved(queues, turn).map((part) => ({
      ...chatChunk(part),
      ...fixed,
      ...(hasUsage && { usage: null }),
    }));
    if (isAzure)
      chunks.unshift({ ...chatChunk(), id: '', model: '', created: 0, prompt_filter_results: [{ index: 0 }] });
    if (hasUsage) chunks.push({ ...chatChunk(), ...fixed, usage });
    chunks[chunks.length - 1] = { ...chunks.at(-1), ...unknown };
    return chunks as ChatCompletionChunk[];
  });

/** A chat answer that is cut anywhere, and whose choices end there. */
export const cutChatAnswers: fc.Arbitrary<ChatCompletionChunk[]> = fc
  .tuple(chatAnswers, fc.nat())
  .map(([chunks, cut]) => {
    const begun = chunks.slice(0, cut % (chunks.length + 1));
    const indices = [...new Set(chunks.flatMap(({ choices }) => choices.map(({ index }) => index)))];
    const end = (index: number) => ({ index, delta: { role: 'assistant' }, finish_reason: 'length' });
    return [...begun, chatChunk(...indices.map(end))];
  });

/** What a server sends of one item of the output: as it is announced, what follows, as it is done. */
interface ItemStream {
  added: Part;
  events: ({ type: string } & Part)[];
  done: Part;
}

/** An item whose text comes in pieces: a call of some kind. */
function callItem(
  item: Part & { type: string },
  { subject, field, states = [] }: { subject: string; field: string; states?: string[] },
): fc.Arbitrary<ItemStream> {
  return fc.tuple(pieces, unknownField).map(([texts, unknown]) => {
    const text = texts.join('');
    const [first, ...others] = states.map((state) => ({ type: `response.${item.type}.${state}` }));
    return {
      added: { status: 'in_progress', ...item, ...unknown, [field]: '' },
      events: [
        ...(first ? [first] : []),
        ...texts.map((delta) => ({ type: `response.${subject}.delta`, delta })),
        { type: `response.${subject}.done`, [field]: text },
        ...others,
      ],
      done: { ...item, ...unknown, status: states.at(-1) ?? 'completed', [field]: text },
    };
  });
}

/** An item that tells of its states only. */
function toolItem(item: Part & { type: string }, states: string[], result: Part = {}): fc.Arbitrary<ItemStream> {
  return fc.nat(states.length).map((count) => ({
    added: { status: 'in_progress', ...item },
    events: states.slice(0, count).map((state) => ({ type: `response.${item.type}.${state}` })),
    done: { ...item, ...result, status: 'completed' },
  }));
}

/** A part of a message or of reasoning. */
interface PartStream {
  added: Part;
  events: ({ type: string } & Part)[];
  done: Part;
}

const textPart: fc.Arbitrary<PartStream> = fc
  .record({
    deltas: fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.array(logprob, { maxLength: 2 })), {
      maxLength: 4,
    }),
    hasLogprobs: fc.boolean(),
    opened: fc.constantFrom<Part>({ logprobs: [] }, {}),
    titles: fc.array(word, { maxLength: 2 }),
    turn: turns,
  })
  .map(({ deltas, hasLogprobs, opened, titles, turn }) => {
    const probabilities = { logprobs: hasLogprobs ? deltas.flatMap(([, logprobs]) => logprobs) : [] };
    const text = deltas.map(([delta]) => delta).join('');
    const annotations = titles.map((title) => ({ type: 'url_citation', title, url: 'https://a.test', start_index: 0 }));
    const said = deltas.map(([delta, logprobs]) => ({
      type: 'response.output_text.delta',
      delta,
      logprobs: hasLogprobs ? logprobs : [],
    }));
    const noted = annotations.map((annotation, index) => ({
      type: 'response.output_text.annotation.added',
      annotation_index: index,
      annotation,
    }));
    return {
      added: { type: 'output_text', text: '', annotations: [], ...opened },
      events: [
        ...interleaved<{ type: string } & Part>([said, noted], turn),
        { type: 'response.output_text.done', text, ...probabilities },
      ],
      done: { type: 'output_text', text, annotations, ...probabilities },
    };
  });

/** A part that is nothing but text. */
function plainPart(type: string, subject: string, field: string): fc.Arbitrary<PartStream> {
  return pieces.map((texts) => ({
    added: { type, [field]: '' },
    events: [
      ...texts.map((delta) => ({ type: `response.${subject}.delta`, delta })),
      { type: `response.${subject}.done`, [field]: texts.join('') },
    ],
    done: { type, [field]: texts.join('') },
  }));
}

/** The events of parts, each announced and done, with the index that they bear. */
function partEvents(parts: PartStream[], subject: string, index: string): ItemStream['events'] {
  return parts.flatMap(({ added, events, done }, at) =>
    [
      { type: `response.${subject}.added`, part: added },
      ...events,
      { type: `response.${subject}.done`, part: done },
    ].map((event) => ({ ...event, [index]: at })),
  );
}

const messageItem: fc.Arbitrary<ItemStream> = fc
  .array(fc.oneof(textPart, textPart, plainPart('refusal', 'refusal', 'refusal')), { maxLength: 3 })
  .map((parts) => {
    const item = { type: 'message', role: 'assistant' };
    return {
      added: { ...item, status: 'in_progress', content: [] },
      events: partEvents(parts, 'content_part', 'content_index'),
      done: { ...item, status: 'completed', content: parts.map(({ done }) => done) },
    };
  });

const reasoningItem: fc.Arbitrary<ItemStream> = fc
  .tuple(
    fc.array(plainPart('summary_text', 'reasoning_summary_text', 'text'), { maxLength: 2 }),
    fc.array(plainPart('reasoning_text', 'reasoning_text', 'text'), { maxLength: 2 }),
  )
  .map(([summary, content]) => ({
    added: { type: 'reasoning', summary: [] },
    events: [
      ...partEvents(content, 'content_part', 'content_index'),
      ...partEvents(summary, 'reasoning_summary_part', 'summary_index'),
    ],
    done: {
      type: 'reasoning',
      summary: summary.map(({ done }) => done),
      ...(content.length > 0 && { content: content.map(({ done }) => done) }),
      encrypted_content: 'gAAAA',
    },
  }));

const shellItem: fc.Arbitrary<ItemStream> = fc.array(pieces, { maxLength: 3 }).map((commands) => {
  const item = { type: 'shell_call', environment: null };
  const limits = { max_output_length: null, timeout_ms: null };
  return {
    added: { ...item, status: 'in_progress', action: { commands: [], ...limits } },
    events: commands.flatMap((texts, at) =>
      [
        { type: 'response.shell_call_command.added', command: '' },
        ...texts.map((delta) => ({ type: 'response.shell_call_command.delta', delta })),
        { type: 'response.shell_call_command.done', command: texts.join('') },
      ].map((event) => ({ ...event, command_index: at })),
    ),
    done: { ...item, status: 'completed', action: { commands: commands.map((texts) => texts.join('')), ...limits } },
  };
});

const shellOutputItem: fc.Arbitrary<ItemStream> = fc
  .array(fc.array(fc.record({ stdout: word, stderr: word }, { requiredKeys: [] }), { minLength: 1, maxLength: 3 }), {
    maxLength: 2,
  })
  .map((outputs) => {
    const item = { type: 'shell_call_output', max_output_length: null };
    const whole = outputs.map((deltas) => ({
      outcome: { type: 'exit', exit_code: 1 },
      stdout: deltas.map(({ stdout = '' }) => stdout).join(''),
      stderr: deltas.map(({ stderr = '' }) => stderr).join(''),
    }));
    return {
      added: { ...item, status: 'in_progress', output: [] },
      events: outputs.flatMap((deltas, at) =>
        [
          ...deltas.map((delta) => ({ type: 'response.shell_call_output_content.delta', delta })),
          { type: 'response.shell_call_output_content.done', output: [whole[at]] },
        ].map((event) => ({ ...event, command_index: at })),
      ),
      done: { ...item, status: 'completed', output: whole },
    };
  });

const imageItem: fc.Arbitrary<ItemStream> = toolItem(
  { type: 'image_generation_call', result: null },
  ['in_progress', 'generating', 'partial_image', 'completed'],
  { result: 'iVBORw0KGgo=' },
);

const itemStreams: fc.Arbitrary<ItemStream> = fc.oneof(
  messageItem,
  messageItem,
  reasoningItem,
  callItem({ type: 'function_call', name: 'add' }, { subject: 'function_call_arguments', field: 'arguments' }),
  callItem({ type: 'custom_tool_call', name: 'sh' }, { subject: 'custom_tool_call_input', field: 'input' }),
  callItem(
    { type: 'mcp_call', name: 'find', server_label: 'docs' },
    { subject: 'mcp_call_arguments', field: 'arguments', states: ['in_progress', 'completed'] },
  ),
  callItem(
    { type: 'mcp_call', name: 'find', server_label: 'docs' },
    { subject: 'mcp_call_arguments', field: 'arguments', states: ['in_progress', 'failed'] },
  ),
  callItem(
    { type: 'code_interpreter_call', container_id: 'cntr_1', outputs: null },
    { subject: 'code_interpreter_call_code', field: 'code', states: ['in_progress', 'interpreting', 'completed'] },
  ),
  toolItem({ type: 'file_search_call', queries: ['a'], results: null }, ['in_progress', 'searching', 'completed']),
  toolItem({ type: 'web_search_call', action: { type: 'search' } }, ['in_progress', 'searching', 'completed']),
  toolItem({ type: 'mcp_list_tools', server_label: 'docs', tools: [] }, ['in_progress', 'completed']),
  toolItem({ type: 'compaction' }, ['compacting'], { encrypted_content: 'gAAAA' }),
  imageItem,
  shellItem,
  shellOutputItem,
);

/** All events of a Responses stream but the last, and the output as the last event has it. */
interface ResponseAnswer {
  begun: ResponseStreamEvent[];
  output: object[];
}

const responseFields = { id: 'resp_1', object: 'response', created_at: 1_763_600_000, model: 'gpt-4o-mini' };
const responseUsage = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };

const responseParts: fc.Arbitrary<ResponseAnswer> = fc
  .record({ items: fc.array(itemStreams, { maxLength: 4 }), turn: turns, isParallel: fc.boolean() })
  .map(({ items, turn, isParallel }) => {
    const identified = items.map(({ added, events, done }, place) => {
      const ids = { id: `item_${place}`, ...(callsBack(added) && { call_id: `call_${place}` }) };
      return { added: { ...ids, ...added }, events, done: { ...ids, ...done } };
    });
    const queues = identified.map(({ added, events, done }, place) =>
      [
        { type: 'response.output_item.added', item: added },
        ...events.map((event) => ({ item_id: added.id, ...event })),
        { type: 'response.output_item.done', item: done },
      ].map((event) => ({ output_index: place, ...event })),
    );
    const response = { ...responseFields, status: 'in_progress', output: [], usage: null };
    const events = [
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
      ...(isParallel ? interleaved(queues, turn) : queues.flat()),
    ];
    return {
      begun: events.map(({ type, ...fields }, at) => responseEvent(type, { ...fields, sequence_number: at })),
      output: identified.map(({ done }) => done),
    };
  });

/** The events of whole Responses streams, as OpenAI sends them; the last may leave the output out. */
export const responseAnswers: fc.Arbitrary<ResponseStreamEvent[]> = fc
  .tuple(responseParts, fc.constantFrom('completed', 'incomplete'), fc.boolean())
  .map(([{ begun, output }, status, hasOutput]) => {
    const response = { ...responseFields, status, usage: responseUsage, ...(hasOutput && { output }) };
    return [...begun, responseEvent(`response.${status}`, { sequence_number: begun.length, response })];
  });

/** The events of a Responses stream that breaks off somewhere behind its first; or ends there, incomplete. */
export const cutResponseAnswers: fc.Arbitrary<ResponseStreamEvent[]> = fc
  .tuple(responseParts, fc.nat(), fc.boolean())
  .map(([{ begun }, cut, isTold]) => {
    const read = begun.slice(0, 1 + (cut % begun.length));
    const response = { ...responseFields, status: 'incomplete', usage: responseUsage };
    return isTold ? [...read, responseEvent('response.incomplete', { response })] : read;
  });

function callsBack({ type }: Part): boolean {
  return ['function_call', 'custom_tool_call', 'shell_call', 'shell_call_output'].includes(String(type));
}

/**
 * Takes from the queues by turns, each queue in its order.
 *
 * @param isOrdered - whether a queue begins only after the one before it has begun
 */
function interleaved<T>(queues: readonly (readonly T[])[], turn: readonly number[], isOrdered = false): T[] {
  const rests = queues.map((queue) => [...queue]);
  const all: T[] = [];
  for (;;) {
    const begun = rests.findIndex((rest, at) => rest.length === queues[at]!.length);
    const open = rests.filter((rest, at) => rest.length > 0 && (!isOrdered || begun < 0 || at <= begun));
    const next = open[(turn[all.length] ?? 0) % open.length]?.shift();
    if (next === undefined) return all;
    all.push(next);
  }
}

/** Freezes a value with all that it holds, also what its getters give. */
export function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const field of Object.values(value)) deepFrozen(field);
  }
  return value;
}

/** All that an operator makes of these chunks, each value looked at when it is emitted. */
export function emittedOf<C, V>(
  chunks: readonly C[],
  operator: OperatorFunction<C, V>,
  look: (value: V) => void = () => {},
): V[] {
  const values: V[] = [];
  let failure: { error: unknown } | undefined;
  from(chunks)
    .pipe(operator)
    .subscribe({
      next: (value) => {
        look(value);
        values.push(value);
      },
      error: (error: unknown) => {
        failure = { error };
      },
    });
  if (failure) throw failure.error;
  return values;
}

/** All that an operator emits, frozen at once, with copies of how it was then. */
export function frozenOf<C, V>(chunks: readonly C[], operator: OperatorFunction<C, V>): { frozen: V[]; copies: V[] } {
  const copies: V[] = [];
  const frozen = emittedOf(chunks, operator, (value) => {
    copies.push(structuredClone(value));
    deepFrozen(value);
  });
  return { frozen, copies };
}
