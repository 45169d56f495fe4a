import type { Socket } from 'node:net';
import { firstValueFrom, switchMap, tap, type Observable } from 'rxjs';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  type APIError,
  APIStatusError,
  APIUserAbortError,
  contentDeltas,
  StreamTruncatedError,
  type RequestOptions,
  type StreamResponse,
  type Transport,
} from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { describeWire, params } from '../support/describeWire';
import { EndlessWriter } from '../support/EndlessWriter';
import { record } from '../support/record';
import { delta, event, httpChunk, LAST_CHUNK, response, sendAnswer, STREAM_HEAD } from '../support/wire';
import type { WireExchange, WireScript } from '../support/WireServer';

type ChatResponse = StreamResponse<ChatCompletionChunk>;

const flatten = switchMap(({ chunks }: ChatResponse) => chunks.pipe(contentDeltas()));

/** The recording of a response, with its chunks as soon as they can be had. */
function recordResponse(source: Observable<ChatResponse>) {
  let first!: (response: ChatResponse) => void;
  const given = new Promise<ChatResponse>((resolve) => {
    first = resolve;
  });
  return { given, ended: record(source.pipe(tap(first))) };
}

function resetSoon(socket: Socket): void {
  setTimeout(() => socket.resetAndDestroy(), 20);
}

describeWire('withResponse', (wire) => {
  it('joins headers that come several times, cookies too', async () => {
    const more = 'x-part: one\r\nx-part: two\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\r\n';
    const client = await wire.start(({ socket }) => {
      socket.write(STREAM_HEAD.replace('\r\n\r\n', `\r\n${more}`) + httpChunk(event('[DONE]')) + LAST_CHUNK);
    });
    const heads: unknown[] = [];
    const responses = client.chat.completions.stream(params).withResponse();
    await record(
      responses.pipe(
        tap(({ response: { headers } }) => heads.push(headers)),
        flatten,
      ),
    );
    expect(heads).toEqual([expect.objectContaining({ 'x-part': 'one, two', 'set-cookie': 'a=1, b=2' })]);
  });

  it('emits the head once, before any chunk, and completes with the chunks', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD.replace('200 OK', '203 Other')));
    const stream = client.chat.completions.stream(params, { query: { version: '2' } });
    const { given, ended } = recordResponse(stream.withResponse());
    const { response: head, chunks } = await given;
    expect(head).toEqual({
      status: 203,
      headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_1', 'transfer-encoding': 'chunked' },
      requestId: 'req_1',
      url: `${wire.server.url}/chat/completions?version=2`,
    });

    const said: string[] = [];
    const read = new Promise<void>((resolve) => {
      chunks.pipe(contentDeltas()).subscribe({
        next: (text) => said.push(text),
        complete: () => {
          said.push('chunks complete');
          resolve();
        },
      });
    });
    void ended.then(() => said.push('response complete'));
    wire.server.requestSockets[0]?.write(
      httpChunk(delta('one ') + delta('two') + delta(null, 'stop') + event('[DONE]')) + LAST_CHUNK,
    );
    await read;
    expect(await ended).toMatchObject({ isComplete: true, endCount: 1, values: [{ response: head }] });
    expect(said).toEqual(['one ', 'two', 'chunks complete', 'response complete']);
    expect(wire.server.requests).toHaveLength(1);
  });

  it('leaves out the request id where the server sends none', async () => {
    const client = await wire.start(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
    });
    const { response: head } = await firstValueFrom(client.chat.completions.stream(params).withResponse());
    expect(head).toEqual({ status: 200, headers: {}, url: `${wire.server.url}/chat/completions` });
  });

  it('makes nothing of a subscription but one request', async () => {
    const client = await wire.start(({ socket }) => {
      sendAnswer(socket, 'Hello');
    });
    const responses = client.chat.completions.stream(params).withResponse();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(wire.server.requests).toEqual([]);
    expect((await record(responses.pipe(flatten))).values).toEqual(['Hello']);
    expect((await record(responses.pipe(flatten))).values).toEqual(['Hello']);
    expect(wire.server.requests).toHaveLength(2);
  });

  it('gives the chunks through switchMap, and closes the connection when that is unsubscribed', async () => {
    const client = await wire.start(({ socket }) => {
      const timer = setInterval(() => socket.write(httpChunk(delta('more '))), 5);
      socket.on('close', () => {
        clearInterval(timer);
      });
      socket.write(STREAM_HEAD);
    });
    const texts: string[] = [];
    const closed = await new Promise<number>((resolve) => {
      const subscription = client.chat.completions
        .stream(params)
        .withResponse()
        .pipe(flatten)
        .subscribe((text) => {
          if (texts.push(text) < 3) return;
          subscription.unsubscribe();
          resolve(wire.server.closed());
        });
    });
    expect(closed).toBeLessThan(50);
    expect(texts).toEqual(['more ', 'more ', 'more ']);
  });

  it('closes the connection when it is unsubscribed before the head', async () => {
    const client = await wire.start(() => undefined);
    const subscription = client.chat.completions.stream(params).withResponse().subscribe();
    await wire.server.until(() => wire.server.requests.length === 1);
    subscription.unsubscribe();
    expect(await wire.server.closed()).toBeLessThan(50);
  });

  describe('before the chunks are subscribed', () => {
    it('lets the server wait, then gives all chunks in order', async () => {
      let writer!: EndlessWriter;
      const client = await wire.start(({ socket }) => {
        writer = new EndlessWriter(socket);
      });
      const { given } = recordResponse(client.chat.completions.stream(params).withResponse());
      const { chunks } = await given;
      const stalledAt = await writer.stalled();
      const texts: string[] = [];
      await new Promise<void>((resolve) => {
        const subscription = chunks.pipe(contentDeltas()).subscribe((text) => {
          if (texts.push(text) < stalledAt + 10) return;
          subscription.unsubscribe();
          resolve();
        });
      });
      expect(EndlessWriter.numbers(texts)).toEqual([...texts.keys()]);
      expect(await wire.server.closed()).toBeLessThan(50);
    });

    const ENDS: [string, (socket: Socket) => void][] = [
      ['there already', (socket) => socket.end()],
      // fetch may throw away what it has read.
      ...(wire.name === 'fetch' ? [] : [['there before a reset', resetSoon] satisfies (typeof ENDS)[0]]),
    ];
    it.each(ENDS)('loses nothing of a whole answer that is %s', async (_, end) => {
      const client = await wire.start(({ socket }) => {
        sendAnswer(socket, 'one ', 'two');
        end(socket);
      });
      const { given, ended } = recordResponse(client.chat.completions.stream(params).withResponse());
      const { chunks } = await given;
      await new Promise((resolve) => setTimeout(resolve, 50));
      const read = await record(chunks.pipe(contentDeltas()));
      expect(read).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
      expect(await ended).toMatchObject({ isComplete: true, endCount: 1 });
    });

    it.each<[string, string, (socket: Socket) => void]>([
      [
        'chunked, on a connection that is closed',
        'connection: close\r\ntransfer-encoding: chunked\r\n',
        () => undefined,
      ],
      ['chunked, on one that the server closes', 'transfer-encoding: chunked\r\n', (socket) => socket.end()],
      ['as long as its connection', 'connection: close\r\n', (socket) => socket.end()],
    ])('loses nothing of a body without a mark at its end that is there already: %s', async (_, headers, end) => {
      const isChunked = headers.includes('chunked');
      const client = await wire.start(({ socket }) => {
        const text = delta('one ') + delta('two');
        const type = 'content-type: text/event-stream\r\n';
        const body = isChunked ? httpChunk(text) + LAST_CHUNK : text;
        socket.write(`HTTP/1.1 200 OK\r\n${type}${headers}\r\n${body}`);
        end(socket);
      });
      const stream = client.stream<ChatCompletionChunk>('/any', params);
      const { given, ended } = recordResponse(stream.withResponse());
      const { chunks } = await given;
      await new Promise((resolve) => setTimeout(resolve, 50));
      const read = await record(chunks.pipe(contentDeltas()));
      expect(read).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
      expect(await ended).toMatchObject({ isComplete: true, endCount: 1 });
    });

    it('closes chunks that nobody wants, by the limit idleMs', async () => {
      let writer!: EndlessWriter;
      const client = await wire.start(({ socket }) => {
        writer = new EndlessWriter(socket);
      });
      const stream = client.chat.completions.stream(params, { timeouts: { idleMs: 300 } });
      const { given, ended } = recordResponse(stream.withResponse());
      const { chunks } = await given;
      const start = performance.now();
      await writer.stalled();
      const { error, endCount } = await ended;
      expect(performance.now() - start).toBeGreaterThan(250);
      expect(await wire.server.closed()).toBeLessThan(50);
      expect(error).toBeInstanceOf(APIConnectionTimeoutError);
      expect(error).toMatchObject({ phase: 'idle', requestId: 'req_1' });
      expect(endCount).toBe(1);
      expect((await record(chunks)).error).toBeInstanceOf(APIUserAbortError);
    });

    it('does not start again when the limit passes, since the response has been handed out', async () => {
      const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD), {
        timeouts: { idleMs: 30 },
        retry: { initialDelayMs: 1, afterFirstChunk: 'restart' },
      });
      const { values, error } = await record(client.chat.completions.stream(params).withResponse());
      expect(error).toBeInstanceOf(APIConnectionTimeoutError);
      expect(values).toHaveLength(1);
      expect(wire.server.requests).toHaveLength(1);
    });
  });

  it('refuses a second subscription of the chunks, and leaves the first one alone', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD));
    const { given, ended } = recordResponse(client.chat.completions.stream(params).withResponse());
    const { chunks } = await given;
    const first = record(chunks.pipe(contentDeltas()));
    const second = await record(chunks);
    expect(second).toMatchObject({ values: [], endCount: 1 });
    expect(second.error).toBeInstanceOf(APIUserAbortError);
    wire.server.requestSockets[0]?.write(httpChunk(delta('one', 'stop')) + LAST_CHUNK);
    expect(await first).toMatchObject({ values: ['one'], isComplete: true, endCount: 1 });
    expect(await ended).toMatchObject({ isComplete: true, endCount: 1 });
    expect((await record(chunks)).error).toBeInstanceOf(APIUserAbortError);
    expect(wire.server.requests).toHaveLength(1);
  });

  it('refuses chunks whose connection is closed, of which no byte was read', async () => {
    let byteCount = 0;
    const counting: Transport = (request) =>
      wire.transport(request).pipe(
        tap((received) => {
          received.body = received.body.pipe(tap(({ length }) => (byteCount += length)));
        }),
      );
    const client = await wire.start(({ socket }) => new EndlessWriter(socket), { transport: counting });
    const { chunks } = await firstValueFrom(client.chat.completions.stream(params).withResponse());
    expect(await wire.server.closed()).toBeLessThan(50);
    const { values, error, endCount } = await record(chunks);
    expect(error).toBeInstanceOf(APIUserAbortError);
    expect({ values, endCount, byteCount }).toEqual({ values: [], endCount: 1, byteCount: 0 });
  });

  it('ends with an error that comes before the head', async () => {
    const client = await wire.start(({ socket }) =>
      socket.write(response(429, 'application/json', '{"error":{"message":"slow down"}}', 'x-request-id: req_1\r\n')),
    );
    const { values, error, endCount } = await record(client.chat.completions.stream(params).withResponse());
    expect(error).toBeInstanceOf(APIStatusError);
    expect(error).toMatchObject({ status: 429, message: 'slow down', requestId: 'req_1' });
    expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
  });

  describe('an error after the head', () => {
    const breakOff = ({ socket }: WireExchange) => socket.resetAndDestroy();
    const endTooEarly = ({ socket }: WireExchange) => socket.write(LAST_CHUNK);
    const keepSilent = () => undefined;
    const failures: [string, typeof APIError, WireScript, () => RequestOptions][] = [
      ['a body that ends too early', StreamTruncatedError, endTooEarly, () => ({})],
      ['a broken body', APIConnectionError, breakOff, () => ({})],
      ['a passed limit', APIConnectionTimeoutError, keepSilent, () => ({ timeouts: { totalMs: 100 } })],
      ['a signal', APIUserAbortError, keepSilent, () => ({ signal: AbortSignal.timeout(100) })],
    ];

    const failing = async (fail: WireScript, options: RequestOptions) => {
      const client = await wire.start((exchange) => {
        exchange.socket.write(STREAM_HEAD + httpChunk(delta('one ')));
        setTimeout(fail, 20, exchange);
      });
      return client.chat.completions.stream(params, options).withResponse();
    };

    it.each(failures)('goes to the chunks, once: %s', async (_, type, fail, options) => {
      const { given, ended } = recordResponse(await failing(fail, options()));
      const read = await record((await given).chunks.pipe(contentDeltas()));
      expect(read.error).toBeInstanceOf(type);
      expect(read).toMatchObject({ values: ['one '], isComplete: false, endCount: 1 });
      expect(await ended).toMatchObject({ isComplete: true, error: undefined, endCount: 1 });
    });

    it.each(failures)('ends a flattened stream once: %s', async (_, type, fail, options) => {
      const read = await record((await failing(fail, options())).pipe(flatten));
      expect(read.error).toBeInstanceOf(type);
      expect(read).toMatchObject({ values: ['one '], isComplete: false, endCount: 1 });
    });
  });

  describe('with the option retry', () => {
    const retry = { maxRetries: 2, initialDelayMs: 1, jitter: 0 };

    it('starts again before the head', async () => {
      const client = await wire.start(
        ({ socket, index }) => {
          if (index < 2) socket.write(response(503, 'text/plain', 'busy'));
          else sendAnswer(socket, 'Hello');
        },
        { retry },
      );
      const read = await record(client.chat.completions.stream(params).withResponse().pipe(flatten));
      expect(read).toMatchObject({ values: ['Hello'], isComplete: true, endCount: 1 });
      expect(wire.server.requests).toHaveLength(3);
    });

    it('delivers the last error before the head', async () => {
      const client = await wire.start(({ socket }) => socket.write(response(503, 'text/plain', 'busy')), { retry });
      const { error } = await record(client.chat.completions.stream(params).withResponse());
      expect(error).toMatchObject({ kind: 'status', status: 503, attempts: 3 });
      expect(wire.server.requests).toHaveLength(3);
    });

    it.each(['fail', 'restart'] as const)('does not start again after the head, also not to %s', async (mode) => {
      const client = await wire.start(
        ({ socket, index }) => {
          if (index === 0) socket.write(response(503, 'text/plain', 'busy'));
          else socket.write(STREAM_HEAD + LAST_CHUNK);
        },
        { retry: { ...retry, afterFirstChunk: mode } },
      );
      const read = await record(client.chat.completions.stream(params).withResponse().pipe(flatten));
      expect(read.error).toBeInstanceOf(StreamTruncatedError);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(wire.server.requests).toHaveLength(2);
    });
  });
});
