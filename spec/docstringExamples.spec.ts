import { basename, dirname, join } from 'node:path';
import {
  contentChunk,
  contentChunks,
  reasoningChunk,
  refusalChunk,
  responseEvents,
  toolCallChunks,
  usageChunk,
} from 'rxdelta/testing';
import { blocksOf, librarySources } from './support/docstrings';
import { BlockRun } from './support/BlockRun';
import { event, httpChunk, LAST_CHUNK, STREAM_HEAD } from './support/wire';
import { WireServer } from './support/WireServer';

const folders = ['lib/operators', 'lib/sse', 'lib/chunks', 'lib/client'];
/** The examples of these folders ask a model and print what it says, or need none; and so does the first page. */
const blocks = [...librarySources().filter((file) => folders.includes(dirname(file))), join('docs', 'index.md')]
  .flatMap((file) => blocksOf(file))
  .map((block) => ({ ...block, name: basename(block.file).replace(/\.\w+$/, '') }));

/** An answer in which there is something for every operator. */
const chat = [
  reasoningChunk('Why'),
  ...contentChunks('Hello', { every: 3 }).slice(0, -1),
  contentChunk('Bye', { choice: 1 }),
  refusalChunk('No'),
  ...toolCallChunks({ name: 'weather', arguments: { city: 'Oslo' } }),
  usageChunk(),
];
const response = responseEvents.reasoning('Why', 'Hello');

/** What each prints of it. */
const printed: Record<string, string> = {
  accumulateCompletion: 'Hello tool_calls\n',
  accumulateContent: 'Hello\n',
  accumulateReasoning: 'Why\n',
  accumulateResponse: 'Hello 5\n',
  accumulateToolCalls: ['', '{"ci', '{"city":', '{"city":"Osl', '{"city":"Oslo"}']
    .map((text) => `weather(${text}\n`)
    .join(''),
  ChunkStream: 'Hello',
  collectToolCalls: "weather { city: 'Oslo' }\n",
  collectUsage: '5\n',
  concatMapGated: '3\n2\n',
  contentDeltas: 'Hello',
  createClient: 'Hello',
  decodeEvents: 'greeting hello\n',
  index: 'Hel\nHello\nThat was all of it\n',
  parseChunks: 'Hi\n',
  reasoningDeltas: 'Why',
  refusalDeltas: 'No',
  retryWithBackoff: 'Hel\nHello\n',
  splitChoices: '0: Hel\n0: Hello\n1: Bye\n',
  takeChunks: chat
    .slice(0, 10)
    .map(({ choices: [choice] }) => `${choice?.delta.content}\n`)
    .join(''),
  toAsyncIterable: 'Hel\nHello\n',
  untilDone: [...chat.map((chunk) => JSON.stringify(chunk)), '[DONE]', ''].join('\n'),
};

describe('the examples of the docstrings and of the first page', () => {
  let server: WireServer;
  const env = { ...process.env };

  beforeAll(async () => {
    server = await WireServer.start(({ socket, request }) => {
      const isChat = request.path.endsWith('/chat/completions');
      const events = isChat ? [...chat, '[DONE]'] : response;
      socket.write(STREAM_HEAD + httpChunk(events.map(event).join('')) + LAST_CHUNK);
    });
    Object.assign(process.env, { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'the-key' });
  });

  afterAll(async () => {
    process.env = env;
    await server.close();
  });

  it.each(blocks)('run: $name, line $line', async (block) => {
    const run = new BlockRun();
    await run.run({ ...block, text: block.text.replace('http://127.0.0.1:8080/v1', server.url) });
    expect(await run.printed(printed[block.name] ?? '')).toBe(printed[block.name]);
  });

  it('are all known', () => {
    expect(blocks.map(({ name }) => name).sort()).toEqual(Object.keys(printed).sort());
  });
});
