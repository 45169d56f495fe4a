import fc from 'fast-check';
import { pipe, type OperatorFunction } from 'rxjs';
import { accumulateCompletion, accumulateResponse, decodeEvents, parseChunks } from 'rxdelta';
import type { ChatCompletionChunk, Response, ResponseStreamEvent } from 'rxdelta/openai';
import { chatAnswers, cutChatAnswers, cutResponseAnswers, emittedOf, responseAnswers } from '../support/answers';
import { finalChatCompletion, finalResponse } from '../support/sdk';
import { transcripts, type Transcript } from '../support/transcripts';

const RUNS = { numRuns: 150 };

/** The last value that an operator makes of these chunks. */
function lastOf<C, V>(chunks: readonly C[], operator: OperatorFunction<C, V>): V | undefined {
  return emittedOf(chunks, operator).at(-1);
}

/** The chunks that a transcript holds. */
function chunksOf<C>({ body }: Transcript): C[] {
  return emittedOf([body], pipe(decodeEvents(), parseChunks())) as C[];
}

const complete = transcripts.filter(({ entry }) => entry.expect.outcome === 'complete');
const named = (end: string, others: string[]) =>
  complete
    .filter(({ entry: { file, request } }) => request.path.endsWith(end) && !others.includes(file))
    .map((transcript): [string, Transcript] => [transcript.entry.file, transcript]);
const transcript = (file: string) => complete.find(({ entry }) => entry.file === file)!;

describe('accumulateCompletion ends with what the helper of the SDK gives', () => {
  it.each(named('/chat/completions', ['llama-s-chat-reasoning.txt']))('for %s', async (_, whole) => {
    const chunks = chunksOf<ChatCompletionChunk>(whole);
    const completion = lastOf(chunks, accumulateCompletion());
    expect(completion).toEqual(await finalChatCompletion(chunks));
    expect(completion?.choices.map(({ message }) => message.content ?? '')).toEqual(
      Object.values(whole.expected.contents),
    );
  });

  it('for llama-s-chat-reasoning.txt but its reasoning, of which the helper keeps the last piece only', async () => {
    const chunks = chunksOf<ChatCompletionChunk>(transcript('llama-s-chat-reasoning.txt'));
    const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta as { reasoning_content?: string }));
    const pieces = deltas.flatMap(({ reasoning_content: piece }) => piece ?? []);
    const theirs = await finalChatCompletion(chunks);
    const [choice] = theirs.choices;
    expect(pieces.length).toBeGreaterThan(1);
    expect(choice?.message).toMatchObject({ reasoning_content: pieces.at(-1) });
    expect(lastOf(chunks, accumulateCompletion())).toEqual({
      ...theirs,
      choices: [{ ...choice, message: { ...choice?.message, reasoning_content: pieces.join('') } }],
    });
  });

  it('for every answer', async () => {
    await fc.assert(
      fc.asyncProperty(chatAnswers, async (chunks) => {
        expect(lastOf(chunks, accumulateCompletion())).toEqual(await finalChatCompletion(chunks));
      }),
      RUNS,
    );
  });

  it('for every answer that ends early', async () => {
    await fc.assert(
      fc.asyncProperty(cutChatAnswers, async (chunks) => {
        expect(lastOf(chunks, accumulateCompletion())).toEqual(await finalChatCompletion(chunks));
      }),
      RUNS,
    );
  });
});

describe('accumulateResponse ends with what the helper of the SDK gives', () => {
  const withoutIndex = ['llama-responses-basic.txt', 'llama-s-responses-tool-one.txt'];

  it.each(named('/responses', withoutIndex))('for %s', async (_, whole) => {
    const events = chunksOf<ResponseStreamEvent>(whole);
    const response = lastOf(events, accumulateResponse());
    expect(response).toEqual(await finalResponse(events));
    expect(response?.output_text).toBe(whole.expected.contents[0]);
  });

  it.each(withoutIndex)('for %s, whose events the helper refuses, as they have no output_index', async (file) => {
    const events = chunksOf<ResponseStreamEvent>(transcript(file));
    await expect(finalResponse(events)).rejects.toThrow(/output/);
    const { response } = events.at(-1) as { response: Response };
    const { contents } = transcript(file).expected;
    expect(response.output.length).toBeGreaterThan(0);
    expect(lastOf(events, accumulateResponse())).toEqual({ ...response, output_text: contents[0] });
    // And the same without the last event, of what was read: but what only that event tells.
    const read = lastOf(events.slice(0, -1), accumulateResponse());
    expect(read?.output).toEqual(response.output);
    expect(read?.output_text).toBe(contents[0]);
  });

  it('for every answer', async () => {
    await fc.assert(
      fc.asyncProperty(responseAnswers, async (events) => {
        expect(lastOf(events, accumulateResponse())).toEqual(await finalResponse(events));
      }),
      RUNS,
    );
  });

  it('for every answer that is cut', async () => {
    await fc.assert(
      fc.asyncProperty(cutResponseAnswers, async (events) => {
        expect(lastOf(events, accumulateResponse())).toEqual(await finalResponse(events));
      }),
      RUNS,
    );
  });

  it('but keeps what was read where the last event has an empty output, which the helper takes over', async () => {
    await fc.assert(
      fc.asyncProperty(responseAnswers, async (events) => {
        const { response, ...end } = events.at(-1) as { type: string; response: Response };
        const emptied = [...events.slice(0, -1), { ...end, response: { ...response, output: [] } }];
        const { output: _output, ...left } = response;
        const leftOut = [...events.slice(0, -1), { ...end, response: left }] as ResponseStreamEvent[];
        expect(await finalResponse(emptied as ResponseStreamEvent[])).toMatchObject({ output: [] });
        expect(lastOf(emptied as ResponseStreamEvent[], accumulateResponse())).toEqual(await finalResponse(leftOut));
      }),
      RUNS,
    );
  });
});

describe('the answers of these specs', () => {
  it('have all that a chat answer can have', () => {
    const choices = fc
      .sample(chatAnswers, { numRuns: 300, seed: 1 })
      .map((chunks) => lastOf(chunks, accumulateCompletion()));
    const messages = choices.flatMap((completion) => completion!.choices.map(({ message }) => message));
    const names = new Set(messages.flatMap((message) => Object.keys(message)));
    expect([...names].sort()).toEqual([
      ...['audio', 'content', 'function_call', 'refusal', 'role', 'tool_calls', 'x_provider'],
    ]);
    const types = messages.flatMap(({ tool_calls: calls = [] }) => calls.map(({ type }) => type));
    expect(new Set(types)).toEqual(new Set(['function', 'custom']));
    expect(Math.max(...choices.map((completion) => completion!.choices.length))).toBe(3);
  });

  it('have all events that bring something', () => {
    const events = fc.sample(responseAnswers, { numRuns: 300, seed: 1 }).flat();
    const subjects = new Set(events.map(({ type }) => type.split('.')[1]));
    expect([...subjects].sort()).toEqual([
      'code_interpreter_call',
      'code_interpreter_call_code',
      'compaction',
      'completed',
      'content_part',
      'created',
      'custom_tool_call_input',
      'file_search_call',
      'function_call_arguments',
      'image_generation_call',
      'in_progress',
      'incomplete',
      'mcp_call',
      'mcp_call_arguments',
      'mcp_list_tools',
      'output_item',
      'output_text',
      'reasoning_summary_part',
      'reasoning_summary_text',
      'reasoning_text',
      'refusal',
      'shell_call_command',
      'shell_call_output_content',
      'web_search_call',
    ]);
  });
});
