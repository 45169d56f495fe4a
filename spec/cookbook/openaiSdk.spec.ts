import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import OpenAI from 'openai';
import { defer, finalize, firstValueFrom, from, lastValueFrom, map, switchMap, toArray } from 'rxjs';
import {
  APIConnectionTimeoutError,
  APIStreamError,
  createClient,
  isAPIError,
  toAsyncIterable,
  untilDone,
} from 'rxdelta';
import { contentChunks, fakeClient } from 'rxdelta/testing';
import { answer, delta, event, httpChunk, LAST_CHUNK, response, STREAM_HEAD } from '../support/wire';
import { WireServer, type WireScript } from '../support/WireServer';
import { runBlock } from './runBlock';

const params = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] };
const input = { model: 'm', input: 'Hello' };
/** The helper wants a role. */
const role = event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] });
const body = (...events: string[]) => STREAM_HEAD + httpChunk(events.join('')) + LAST_CHUNK;

/** What became of an answer: how many chunks came, and how it ended. */
interface Outcome {
  count: number;
  end: string;
}

let server: WireServer;
let script: WireScript;
let openai: OpenAI;

/** @param onChunk - called in the loop, with each chunk */
async function read(
  source: PromiseLike<AsyncIterable<unknown>> | AsyncIterable<unknown>,
  onChunk?: () => void,
): Promise<Outcome> {
  let count = 0;
  try {
    for await (const chunk of await source) {
      if (chunk) count++;
      onChunk?.();
    }
    return { count, end: 'end' };
  } catch (error) {
    return { count, end: (error as Error).constructor.name };
  }
}

const iterated = () => read(openai.chat.completions.create({ ...params, stream: true }));
const helped = () =>
  openai.chat.completions
    .stream(params)
    .finalChatCompletion()
    .then(
      () => 'end',
      (error: unknown) => (error as Error).message,
    );
const ours = () => createClient({ apiKey: 'key', baseURL: server.url });
const streamed = () => read(ours().chat.completions.stream(params));

beforeEach(async () => {
  server = await WireServer.start((exchange) => script(exchange));
  openai = new OpenAI({ apiKey: 'key', baseURL: server.url });
});

afterEach(() => server.close());

/** The rows of the table that are checked. */
const checked: string[] = [];

/** A test of what the table says of one thing. */
function edge(row: string, check: () => Promise<void>): void {
  checked.push(row);
  it(row, check);
}

/** All answers of the server. */
function send(bytes: string): void {
  script = ({ socket }) => socket.write(bytes);
}

describe('what docs/coming-from/openai-sdk.md says of openai 7.55.0', () => {
  edge('The body of a chat completion is cut in good order', async () => {
    send(body(role, delta('Hello')));
    expect(await iterated()).toEqual({ count: 2, end: 'end' });
    expect(await helped()).toBe('missing finish_reason for choice 0');
    expect(await streamed()).toEqual({ count: 2, end: 'StreamTruncatedError' });
  });

  edge('The same of a Response', async () => {
    const created = { id: 'resp_1', status: 'in_progress', output: [] };
    send(body(event({ type: 'response.created', sequence_number: 0, response: created })));
    expect(await read(openai.responses.create({ ...input, stream: true }))).toEqual({ count: 1, end: 'end' });
    expect(await openai.responses.stream(input).finalResponse()).toMatchObject({ status: 'in_progress' });
    expect(await read(ours().responses.stream(input))).toEqual({ count: 1, end: 'StreamTruncatedError' });
  });

  edge('`response.failed`', async () => {
    const failed = { id: 'resp_1', status: 'failed', output: [], error: { code: 'server_error', message: 'No' } };
    send(
      body(
        event({ type: 'response.created', sequence_number: 0, response: { ...failed, status: 'in_progress' } }),
        event({ type: 'response.failed', sequence_number: 1, response: failed }),
      ),
    );
    expect(await read(openai.responses.create({ ...input, stream: true }))).toEqual({ count: 2, end: 'end' });
    expect(await openai.responses.stream(input).finalResponse()).toMatchObject({ status: 'failed' });
    expect(await read(ours().responses.stream(input))).toEqual({ count: 2, end: APIStreamError.name });
  });

  edge('An event of a Response that the package does not know', async () => {
    const completed = { id: 'resp_1', status: 'completed', output: [] };
    send(
      body(
        event({ type: 'response.created', sequence_number: 0, response: { ...completed, status: 'in_progress' } }),
        event({ type: 'response.rate_limits.updated', sequence_number: 1 }),
        event({ type: 'response.completed', sequence_number: 2, response: completed }),
      ),
    );
    expect(await read(openai.responses.create({ ...input, stream: true }))).toEqual({ count: 3, end: 'end' });
    await expect(openai.responses.stream(input).finalResponse()).rejects.toThrow();
    expect(await read(ours().responses.stream(input))).toEqual({ count: 3, end: 'end' });
  });

  edge('200 with a page of HTML', async () => {
    send(response(200, 'text/html', '<html>Sign in</html>'));
    expect(await iterated()).toEqual({ count: 0, end: 'end' });
    expect(await helped()).toBe('request ended without sending any chunks');
    expect(await streamed()).toEqual({ count: 0, end: 'MalformedStreamError' });
  });

  edge('`data: [DONE] `, with a blank behind it', async () => {
    send(body(role, delta('Hello', 'stop'), 'data: [DONE] \n\n'));
    expect(await iterated()).toEqual({ count: 2, end: 'SyntaxError' });
    expect(await helped()).toMatch(/JSON/);
    expect(await streamed()).toEqual({ count: 2, end: 'end' });
  });

  edge('Silence after the head', async () => {
    send(STREAM_HEAD + httpChunk(delta('Hello')));
    const stream = await openai.chat.completions.create({ ...params, stream: true }, { timeout: 50, maxRetries: 0 });
    const silent = await Promise.race([read(stream), new Promise((resolve) => setTimeout(resolve, 500, 'waits'))]);
    expect(silent).toBe('waits');
    stream.controller.abort();
    const limited = ours().chat.completions.stream(params, { timeouts: { idleMs: 50 } });
    expect(await read(limited)).toEqual({ count: 1, end: APIConnectionTimeoutError.name });
  });

  edge('`controller.abort()`, the signal', async () => {
    send(STREAM_HEAD + httpChunk(delta('Hello')));
    const stream = await openai.chat.completions.create({ ...params, stream: true });
    expect(await read(stream, () => stream.controller.abort())).toEqual({ count: 1, end: 'end' });
    const runner = openai.chat.completions.stream(params);
    runner.on('chunk', () => runner.abort());
    await expect(runner.finalChatCompletion()).rejects.toThrow(OpenAI.APIUserAbortError);
    const controller = new AbortController();
    const own = ours().chat.completions.stream(params, { signal: controller.signal });
    expect(await read(own, () => controller.abort())).toEqual({ count: 1, end: 'APIUserAbortError' });
  });

  edge('429 with `insufficient_quota`', async () => {
    const error = { message: 'Quota', code: 'insufficient_quota', type: 'insufficient_quota' };
    send(response(429, 'application/json', JSON.stringify({ error }), 'retry-after-ms: 1\r\n'));
    const requests = async (run: () => Promise<unknown>) => {
      const before = server.requests.length;
      await run();
      return server.requests.length - before;
    };
    expect(await requests(iterated)).toBe(3);
    expect(await requests(helped)).toBe(3);
    const retrying = createClient({ apiKey: 'key', baseURL: server.url, retry: {} });
    expect(await requests(() => read(retrying.chat.completions.stream(params)))).toBe(1);
  });

  edge('No chunk says the role', async () => {
    send(body(answer('Hello')));
    expect(await iterated()).toEqual({ count: 2, end: 'end' });
    expect(await helped()).toBe('missing role for choice 0');
    expect(await streamed()).toEqual({ count: 2, end: 'end' });
  });

  edge('A loop pauses while 6 000 chunks come', async () => {
    send(body(role, delta('x').repeat(5_998), delta(null, 'stop'), event('[DONE]')));
    const slowly = async function* (source: AsyncIterable<unknown>, pause: () => Promise<unknown>) {
      let count = 0;
      for await (const chunk of source) {
        if (count++ === 0) await pause();
        yield chunk;
      }
    };
    const pause = () => new Promise((resolve) => setTimeout(resolve, 300));
    const theirs = await openai.chat.completions.create({ ...params, stream: true });
    expect(await read(slowly(theirs, pause))).toEqual({ count: 6_000, end: 'end' });
    const runner = openai.chat.completions.stream(params);
    const untilOver = () => runner.done().catch(() => undefined);
    expect(await read(slowly(runner, untilOver))).toMatchObject({ end: 'OpenAIError' });
    expect(await read(slowly(ours().chat.completions.stream(params), pause))).toEqual({ count: 6_000, end: 'end' });
  });

  edge('A second reader', async () => {
    send(body(answer('Hello')));
    const stream = await openai.chat.completions.create({ ...params, stream: true });
    expect(await read(stream)).toEqual({ count: 2, end: 'end' });
    expect(await read(stream)).toEqual({ count: 0, end: 'OpenAIError' });
    const before = server.requests.length;
    const own = ours().chat.completions.stream(params);
    expect(await lastValueFrom(own.pipe(toArray()))).toHaveLength(2);
    expect(await read(own)).toEqual({ count: 2, end: 'end' });
    expect(server.requests.length - before).toBe(2);
  });

  edge('When the request is sent', async () => {
    send(body(role, answer('Hello')));
    const before = server.requests.length;
    const stream = await openai.chat.completions.create({ ...params, stream: true });
    expect(server.requests.length - before).toBe(1);
    stream.controller.abort();
    const runner = openai.chat.completions.stream(params);
    await server.until(() => server.requests.length - before === 2);
    await runner.done();
    ours().chat.completions.stream(params);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.requests.length - before).toBe(2);
  });

  it('an error by its status', async () => {
    const error = { message: 'No such model', code: 'model_not_found' };
    send(response(404, 'application/json', JSON.stringify({ error }), 'x-request-id: req_9\r\n'));
    const theirs: unknown = await openai.chat.completions
      .create({ ...params, stream: true })
      .then(null, (e: unknown) => e);
    expect(theirs).toBeInstanceOf(OpenAI.NotFoundError);
    expect(theirs).toMatchObject({ status: 404, code: 'model_not_found', requestID: 'req_9' });
    const own: unknown = await firstValueFrom(ours().chat.completions.stream(params)).then(null, (e: unknown) => e);
    expect(isAPIError(own)).toBe(true);
    expect(own).toMatchObject({ kind: 'status', status: 404, code: 'model_not_found', requestId: 'req_9' });
  });

  it('the lines for a browser', async () => {
    send(body(role, answer('Hello', ' world')));
    const theirs = await new Response(openai.chat.completions.stream(params).toReadableStream()).text();
    const chunks = ours().chat.completions.stream(params);
    const lines = Readable.from(toAsyncIterable(chunks.pipe(map((chunk) => `${JSON.stringify(chunk)}\n`))));
    const parsed = (await text(lines))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(parsed).toEqual(
      theirs
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    );
    expect(parsed).toHaveLength(4);
  });

  it.each(['', STREAM_HEAD + httpChunk(delta('Hello'))])('its stream, closed by a signal after %j', async (bytes) => {
    send(bytes);
    const chunks = defer(() => {
      const abort = new AbortController();
      const stream = openai.chat.completions.create({ ...params, stream: true }, { signal: abort.signal });
      return from(stream).pipe(
        switchMap((sent) => from(sent)),
        finalize(() => abort.abort()),
      );
    });
    let count = 0;
    const subscription = chunks.pipe(untilDone()).subscribe(() => count++);
    await server.until(() => server.requests.length === 1 && count === (bytes ? 1 : 0));
    subscription.unsubscribe();
    await server.closed();
  });

  it('its stream in from(), which stays open in silence', async () => {
    send(STREAM_HEAD + httpChunk(delta('Hello')));
    let count = 0;
    const stream = await openai.chat.completions.create({ ...params, stream: true });
    const subscription = from(stream).subscribe(() => count++);
    await server.until(() => count === 1);
    subscription.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.sockets.size).toBe(1);
    stream.controller.abort();
    await server.allClosed();
  });

  it('every row of the table is checked', () => {
    const page = readFileSync(join(__dirname, '../../docs/coming-from/openai-sdk.md'), 'utf8');
    const [, section = ''] = page.split('\n## What differs at the edges\n');
    const [, , ...rows] = section.split('\n## ')[0]!.match(/^\| .*?(?= +\| )/gm) ?? [];
    expect(rows.map((row) => row.slice(2).trim()).sort()).toEqual([...checked].sort());
  });

  it('its helper, in a pipe', async () => {
    const client = fakeClient([contentChunks('Hello', { every: 3 })]);
    const { printed, done } = runBlock('openai-sdk.md', 'connect((chunks)', client);
    await done;
    expect(printed).toEqual(['3', '5', 'stop']);
    expect(client.calls).toHaveLength(1);
  });

  it('its loop', async () => {
    const { printed, done } = runBlock(
      'openai-sdk.md',
      'const stream = createClient()',
      fakeClient([contentChunks('Hello')]),
    );
    await done;
    expect(printed.join('')).toBe('Hello');
  });

  it('its headers', () => {
    const { printed } = runBlock('openai-sdk.md', '.withResponse()\n  .pipe(', fakeClient([contentChunks('Hello')]));
    expect(printed.slice(1).join('')).toBe('Hello');
  });
});
