import { basename, join } from 'node:path';
import * as rxdelta from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { contentChunk, finishChunk, reasoningChunk, refusalChunk, responseEvents, usageChunk } from 'rxdelta/testing';
import type { Diagram } from '../docs/.vitepress/marbles/Diagram';
import { parseMarbles } from '../docs/.vitepress/marbles/parseMarbles';
import { blocksOf, librarySources } from './support/docstrings';
import { playDiagram, type Vocabulary } from './support/playDiagram';

const files = librarySources();
const blocks = files.flatMap((file) => blocksOf(file, 'marbles'));
const diagrams = blocks.flatMap(({ file, line, text }) =>
  parseMarbles(text).map((diagram, index) => ({ name: `${basename(file, '.ts')} ${index + 1}`, file, line, diagram })),
);

const same = (value: unknown) => String(value);
const numbered = (_: unknown, index: number) => String(index + 1);

/** A chat chunk: `(finish)` and `(usage)` are what they say, all else is a piece of an answer. */
function chunkOf(label: string, piece: (text: string) => ChatCompletionChunk = contentChunk): ChatCompletionChunk {
  if (label === 'finish') return finishChunk();
  return label === 'usage' ? usageChunk() : piece(label);
}

function toolCallChunk(text: string): ChatCompletionChunk {
  const chunk = contentChunk('');
  chunk.choices[0]!.delta = { tool_calls: [{ index: 0, function: { arguments: text } }] };
  return chunk;
}

/** `0 Hel`: a piece of choice 0. */
function choiceChunk(label: string): ChatCompletionChunk {
  return contentChunk(label.slice(2), { choice: Number(label[0]) });
}

const events = responseEvents.text('Hello', { every: 3 });
const [hel, lo] = events.filter(({ type }) => type === 'response.output_text.delta');
const eventOf: Record<string, unknown> = {
  created: events.find(({ type }) => type === 'response.created'),
  item: events.find(({ type }) => type === 'response.output_item.added'),
  Hel: hel,
  lo,
  completed: events.at(-1),
};

/** Words with `Hello` among them are the answer. */
const reasoning: Vocabulary = {
  read: (label) => chunkOf(label, (text) => (text === 'Hello' ? contentChunk(text) : reasoningChunk(text))),
  write: same,
};
const anything: Vocabulary = { read: same, write: same };

const vocabularies: Record<string, Vocabulary> = {
  accumulateCompletion: { read: (label) => chunkOf(label), write: numbered },
  accumulateContent: { read: (label) => chunkOf(label), write: same },
  accumulateReasoning: reasoning,
  accumulateResponse: { read: (label) => eventOf[label], write: numbered },
  accumulateToolCalls: {
    read: (label) => chunkOf(label, toolCallChunk),
    write: (calls: rxdelta.ToolCall[]) => `[${calls.map((call) => call.arguments).join()}]`,
  },
  collectToolCalls: { read: (label) => chunkOf(label, toolCallChunk), write: () => 'call' },
  collectUsage: { read: (label) => chunkOf(label), write: () => 'usage' },
  concatMapGated: anything,
  contentDeltas: { read: (label) => chunkOf(label), write: same },
  decodeEvents: {
    read: (label) => new TextEncoder().encode(label.slice(1, -1).replaceAll('\\n', '\n')),
    write: ({ data }: rxdelta.ServerSentEvent) => data,
  },
  parseChunks: {
    read: (label) => ({ data: label === '[DONE]' ? label : JSON.stringify({ label }) }),
    write: ({ label }: { label: string }) => label,
  },
  reasoningDeltas: reasoning,
  refusalDeltas: { read: (label) => chunkOf(label, refusalChunk), write: same },
  retryWithBackoff: anything,
  splitChoices: {
    read: choiceChunk,
    write: ({ choices: [choice] }: ChatCompletionChunk) => choice?.delta.content ?? '',
  },
  takeChunks: anything,
  untilDone: {
    read: (label) => chunkOf(label),
    write: (chunk: ChatCompletionChunk) =>
      chunk.choices[0]?.finish_reason ? 'finish' : chunk.usage ? 'usage' : (chunk.choices[0]?.delta.content ?? ''),
  },
};

function vocabularyOf({ operator }: Diagram): Vocabulary {
  const vocabulary = vocabularies[operator.replace(/\(.*/, '')];
  if (!vocabulary) throw new Error(`Nobody knows the words of ${operator}`);
  return vocabulary;
}

describe('the marbles of the docstrings', () => {
  it('are there for every operator', () => {
    const operators = files
      .filter((file) => file.startsWith(join('lib', 'operators')))
      .map((file) => basename(file, '.ts'))
      .filter((name) => /^[a-z]/.test(name) && name in rxdelta);
    expect(operators.length).toBeGreaterThan(10);
    const drawn = blocks.map(({ file }) => basename(file, '.ts'));
    expect(drawn).toEqual(expect.arrayContaining([...operators, 'decodeEvents', 'parseChunks']));
  });

  it.each(diagrams)('call their own operator: $name', ({ file, diagram }) => {
    expect(diagram.operator.replace(/\(.*/, '')).toBe(basename(file, '.ts'));
  });

  it.each(diagrams)('happen as they are drawn: $name', ({ diagram }) => {
    const played = playDiagram(diagram, vocabularyOf(diagram));
    expect(played.map(({ name, marbles }) => ({ name, marbles }))).toEqual(
      diagram.results.map(({ name, marbles }) => ({ name, marbles })),
    );
  });

  it('are told from others that do not happen', () => {
    const [wrong] = parseMarbles('chunks  -Hel-lo-|\n        accumulateContent()\ntext    -Hel-----|');
    const [lane] = playDiagram(wrong!, vocabularyOf(wrong!));
    expect(lane?.marbles.map(({ column, label }) => [column, label])).toEqual([
      [1, 'Hel'],
      [5, 'Hello'],
      [8, ''],
    ]);
  });
});
