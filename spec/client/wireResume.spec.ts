import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { accumulateContent, contentDeltas, FlowGate, takeChunks, type ChunkStream } from 'rxdelta';
import type { ResponseStreamEvent } from 'rxdelta/openai';
import { responseEnd, responseEvent } from '../support/chunks';
import { describeWire } from '../support/describeWire';
import { EndlessWriter } from '../support/EndlessWriter';
import { record } from '../support/record';
import { event, httpChunk, LAST_CHUNK, response, STREAM_HEAD } from '../support/wire';

const background = { model: 'm', input: 'Hi', background: true };
const retry = { initialDelayMs: 1 };
const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** The events of a whole answer, numbered from 0. */
const whole = [
  responseEvent('response.created', { response: { id: 'resp_1', status: 'queued' } }),
  ...['one ', 'two ', 'three'].map((delta, index) =>
    responseEvent('response.output_text.delta', {
      sequence_number: index + 1,
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta,
    }),
  ),
  { ...responseEnd('completed'), sequence_number: 4 },
];
const text = (from: number, to?: number) => whole.slice(from, to).map(event).join('');
/** A head, and the events from one number to before another. */
const streamed = (from: number, to?: number) => STREAM_HEAD + httpChunk(text(from, to));
const cancelled = { id: 'resp_1', object: 'response', status: 'cancelled', error: null, output: [] };

const POST = 'POST /v1/responses';
const after = (number: number) => `GET /v1/responses/resp_1?stream=true&starting_after=${number}`;

describeWire('a background Response', (wire) => {
  const asked = () => wire.server.requests.map(({ method, path }) => `${method} ${path}`);
  /** Answers the first request by the first of these, and so on; the last one serves all that follow. */
  const start = (...scripts: ((socket: Socket) => unknown)[]) =>
    wire.start(({ socket, index }) => scripts[Math.min(index, scripts.length - 1)]?.(socket), { retry });
  /** Writes, waits until that was surely read, then does what breaks the connection. */
  const thenLater = (socket: Socket, sent: string, breakIt: () => unknown) =>
    socket.write(sent, () => setTimeout(breakIt, 30));
  const finish = (from: number) => (socket: Socket) => socket.write(streamed(from) + LAST_CHUNK);

  describe('that is resumed', () => {
    it('is asked for by a GET without a body', async () => {
      const client = await start(finish(3));
      const { values, isComplete } = await record(client.responses.resume('resp/1', { startingAfter: 2 }));
      expect(values).toEqual(whole.slice(3));
      expect(isComplete).toBe(true);
      const { method, path, headers, body } = wire.server.requests[0]!;
      expect({ method, path, body }).toEqual({
        method: 'GET',
        path: '/v1/responses/resp%2F1?stream=true&starting_after=2',
        body: '',
      });
      expect(headers).toHaveProperty('accept', 'text/event-stream');
      for (const name of ['content-type', 'content-length', 'transfer-encoding']) {
        expect(headers).not.toHaveProperty(name);
      }
    });

    it('is done at its terminal event, without waiting for the server to close', async () => {
      const client = await start((socket) => socket.write(streamed(0)));
      expect(await record(client.responses.resume('resp_1'))).toMatchObject({ values: whole, isComplete: true });
      expect(wire.server.sockets.size).toBe(1);
    });

    it('leaves the connection to the next request', async () => {
      const client = await start(finish(0));
      for (let count = 0; count < 3; count++) {
        expect((await record(client.responses.resume('resp_1'))).isComplete).toBe(true);
        await turn();
      }
      expect(wire.server.connectionCount).toBe(1);
    });

    it('delivers a break', async () => {
      const client = await start((socket) => thenLater(socket, streamed(0, 2), () => socket.resetAndDestroy()));
      const { values, error, endCount } = await record(client.responses.resume('resp_1'));
      expect(values).toEqual(whole.slice(0, 2));
      expect(error).toMatchObject({ kind: 'connection', phase: 'body', requestId: 'req_1' });
      expect(endCount).toBe(1);
      expect(wire.server.requests).toHaveLength(1);
    });

    it.each([404, 400])('delivers the status %i', async (status) => {
      const client = await start((socket) =>
        socket.write(response(status, 'application/json', '{"error":{"message":"It is gone"}}')),
      );
      const { error } = await record(client.responses.resume('resp_1', { startingAfter: 1 }));
      expect(error).toMatchObject({ name: 'APIStatusError', status, message: 'It is gone' });
      expect(wire.server.requests).toHaveLength(1);
    });

    it('can be looped over while the server waits', async () => {
      let writer!: EndlessWriter;
      const client = await start((socket) => {
        writer = new EndlessWriter(socket);
      });
      let count = 0;
      for await (const chunk of client.responses.resume('resp_1')) {
        expect(chunk).toBeDefined();
        if (++count === 3) expect(await writer.stalled()).toBeGreaterThan(0);
        if (count === 5) break;
      }
      expect(await wire.server.closed()).toBeLessThan(50);
      expect(asked()).toEqual(['GET /v1/responses/resp_1?stream=true']);
    });
  });

  describe('goes on after', () => {
    const breaks: Record<string, (socket: Socket) => unknown> = {
      'a reset': (socket) => thenLater(socket, streamed(0, 2), () => socket.resetAndDestroy()),
      'a missing last chunk': (socket) => thenLater(socket, streamed(0, 2), () => socket.end()),
      'a body that ends too soon': (socket) => socket.write(streamed(0, 2) + LAST_CHUNK),
      'a cut in the middle of an event': (socket) =>
        thenLater(socket, STREAM_HEAD + httpChunk(text(0, 2) + text(2, 3).slice(0, 50)), () => socket.destroy()),
      'a cut in the middle of a chunk': (socket) =>
        thenLater(socket, streamed(0, 2) + httpChunk(text(2, 3)).slice(0, 50), () => socket.destroy()),
    };

    it.each(Object.entries(breaks))('%s', async (_, script) => {
      const client = await start(script, finish(2));
      const { values, isComplete, endCount } = await record(client.responses.stream(background, { resume: true }));
      expect(values).toEqual(whole);
      expect({ isComplete, endCount }).toEqual({ isComplete: true, endCount: 1 });
      expect(asked()).toEqual([POST, after(1)]);
      expect(wire.server.requests.map(({ body }) => body)).toEqual([
        JSON.stringify({ ...background, stream: true }),
        '',
      ]);
      expect(wire.server.requests[1]?.headers).not.toHaveProperty('content-type');
    });

    it('a silence, whose connection is closed', async () => {
      const client = await start((socket) => socket.write(streamed(0, 2)), finish(2));
      const stream = client.responses.stream(background, { resume: true, timeouts: { idleMs: 200 } });
      expect((await record(stream)).values).toEqual(whole);
      expect(asked()).toEqual([POST, after(1)]);
      await wire.server.until(() => wire.server.requestSockets[0]?.closed === true);
    });

    it('every event', async () => {
      const client = await wire.start(
        ({ socket, index }) => {
          const next = index === 0 ? 0 : Number(/\d+$/.exec(wire.server.requests[index]!.path)![0]) + 1;
          return thenLater(socket, streamed(next, next + 1), () => socket.resetAndDestroy());
        },
        { retry: { ...retry, maxRetries: 1 } },
      );
      const stream = client.responses.stream(background, { resume: true });
      expect((await record(stream.pipe(accumulateContent()))).values).toEqual(['one ', 'one two ', 'one two three']);
      expect(asked()).toEqual([POST, after(0), after(1), after(2), after(3)]);
    });

    it('a break, though the server tells everything again', async () => {
      const client = await start(breaks['a reset']!, (socket) => socket.write(streamed(0) + LAST_CHUNK));
      const stream = client.responses.stream(background, { resume: true });
      expect((await record(stream.pipe(contentDeltas()))).values).toEqual(['one ', 'two ', 'three']);
      expect(asked()).toEqual([POST, after(1)]);
    });

    it('answers that are refused, cut before their head, and cut before an event', async () => {
      const client = await wire.start(
        ({ socket, index }) =>
          [
            () => breaks['a reset']?.(socket),
            () => socket.write(response(503, 'text/plain', 'busy', 'retry-after-ms: 5\r\n')),
            () => socket.destroy(),
            () => thenLater(socket, STREAM_HEAD, () => socket.destroy()),
            () => finish(2)(socket),
          ][index]?.(),
        { retry: { ...retry, maxRetries: 4 } },
      );
      expect((await record(client.responses.stream(background, { resume: true }))).values).toEqual(whole);
      expect(asked()).toEqual([POST, after(1), after(1), after(1), after(1)]);
    });
  });

  describe('ends with an error', () => {
    const cut = (socket: Socket) => thenLater(socket, streamed(0, 2), () => socket.resetAndDestroy());

    it('where the server is gone', async () => {
      const client = await start((socket) => thenLater(socket, streamed(0, 2), () => void wire.server.close()));
      const stream = client.responses.stream(background, {
        resume: true,
        retry: { initialDelayMs: 50, jitter: 0, maxRetries: 1 },
      });
      const { values, error, endCount } = await record(stream);
      expect(values).toEqual(whole.slice(0, 2));
      expect(error).toMatchObject({ kind: 'connection', phase: 'connect', attempts: 2 });
      expect(endCount).toBe(1);
    });

    it('where the rest is not there', async () => {
      const client = await start(cut, (socket) => socket.write(response(404, 'text/plain', 'gone')));
      const { error } = await record(client.responses.stream(background, { resume: true }));
      expect(error).toMatchObject({ name: 'APIStatusError', status: 404 });
      expect(asked()).toEqual([POST, after(1)]);
    });

    it('that the server reports in the rest', async () => {
      const failed = {
        ...responseEnd('failed', { error: { code: 'server_error', message: 'sorry' } }),
        sequence_number: 2,
      };
      const client = await start(cut, (socket) => socket.write(STREAM_HEAD + httpChunk(event(failed)) + LAST_CHUNK));
      const { values, error } = await record(client.responses.stream(background, { resume: true }));
      expect(values).toEqual([...whole.slice(0, 2), failed]);
      expect(error).toMatchObject({ name: 'APIStreamError', code: 'server_error' });
      expect(asked()).toEqual([POST, after(1)]);
    });

    it('before its id is known, and is not posted again', async () => {
      const client = await start((socket) => thenLater(socket, STREAM_HEAD, () => socket.resetAndDestroy()), finish(0));
      const { values, error } = await record(client.responses.stream(background, { resume: true }));
      expect(error).toMatchObject({ kind: 'connection', phase: 'body' });
      await turn(20);
      expect({ values, asked: asked() }).toEqual({ values: [], asked: [POST] });
    });
  });

  describe('closes the connection', () => {
    const cut = (socket: Socket) => thenLater(socket, streamed(0, 2), () => socket.resetAndDestroy());
    const silent = () => undefined;
    const pausing = (socket: Socket) => socket.write(streamed(2, 3));

    it.each<[string, ((socket: Socket) => unknown)[], number]>([
      ['before the head', [silent], 0],
      ['in the first body', [(socket) => socket.write(streamed(0, 2))], 2],
      ['before the head of the rest', [cut, silent], 2],
      ['in the rest', [cut, pausing], 3],
    ])('when it is unsubscribed %s', async (_, scripts, eventCount) => {
      const client = await start(...scripts);
      const values: unknown[] = [];
      const ends: unknown[] = [];
      const subscription = client.responses.stream(background, { resume: true }).subscribe({
        next: (value) => values.push(value),
        error: (error: unknown) => ends.push(error),
        complete: () => ends.push('complete'),
      });
      await wire.server.until(() => wire.server.requests.length === scripts.length && values.length === eventCount);
      subscription.unsubscribe();
      expect(await wire.server.closed()).toBeLessThan(50);
      await turn(30);
      expect(values).toEqual(whole.slice(0, eventCount));
      expect(ends).toEqual([]);
      expect(wire.server.requests).toHaveLength(scripts.length);
    });

    it('and asks for nothing when it is unsubscribed in the wait', async () => {
      const client = await start(cut, finish(2));
      const ends: unknown[] = [];
      const onRetry = jest.fn();
      const stream = client.responses.stream(background, {
        resume: true,
        retry: { initialDelayMs: 60, jitter: 0, onRetry },
      });
      const subscription = stream.subscribe({
        error: (error: unknown) => ends.push(error),
        complete: () => ends.push('complete'),
      });
      await wire.server.until(() => onRetry.mock.calls.length === 1);
      subscription.unsubscribe();
      await turn(120);
      expect(ends).toEqual([]);
      expect(asked()).toEqual([POST]);
      expect(wire.server.sockets.size).toBe(0);
    });

    it('after enough chunks of the rest', async () => {
      const client = await start(cut, pausing);
      const stream = client.responses.stream(background, { resume: true });
      expect(await record(stream.pipe(takeChunks(3)))).toMatchObject({ values: whole.slice(0, 3), isComplete: true });
      expect(await wire.server.closed()).toBeLessThan(50);
    });

    it('at break in a loop over the rest', async () => {
      const client = await start(cut, pausing);
      const values: ResponseStreamEvent[] = [];
      for await (const chunk of client.responses.stream(background, { resume: true })) {
        if (values.push(chunk) === 3) break;
      }
      expect(values).toEqual(whole.slice(0, 3));
      expect(await wire.server.closed()).toBeLessThan(50);
    });

    it('when its signal fires in the rest', async () => {
      const controller = new AbortController();
      const client = await start(cut, pausing);
      const stream = client.responses.stream(background, { resume: true, signal: controller.signal });
      let count = 0;
      const error = await new Promise<unknown>((resolve) => {
        stream.subscribe({
          next: () => {
            if (++count === 3) controller.abort('why');
          },
          error: resolve,
        });
      });
      expect(error).toMatchObject({ name: 'APIUserAbortError', cause: 'why' });
      expect(await wire.server.closed()).toBeLessThan(50);
    });

    it('at its signal in the wait, at once, without retry options', async () => {
      const controller = new AbortController();
      const client = await wire.start(({ socket }) => socket.write(streamed(0, 2) + LAST_CHUNK));
      const startedAt = performance.now();
      const recording = record(client.responses.stream(background, { resume: true, signal: controller.signal }));
      setTimeout(() => {
        controller.abort('why');
      }, 100);
      expect((await recording).error).toMatchObject({ name: 'APIUserAbortError', cause: 'why' });
      expect(performance.now() - startedAt).toBeLessThan(300);
      expect(asked()).toEqual([POST]);
    });
  });

  describe('lets the server of the rest wait', () => {
    let writer: EndlessWriter | undefined;
    const client = () =>
      start(
        (socket) => thenLater(socket, streamed(0, 2), () => socket.resetAndDestroy()),
        (socket) => {
          writer = new EndlessWriter(socket);
        },
      );

    beforeEach(() => {
      writer = undefined;
    });

    it('while a loop is busy', async () => {
      const stream: ChunkStream<ResponseStreamEvent> = (await client()).responses.stream(background, { resume: true });
      let count = 0;
      for await (const chunk of stream) {
        expect(chunk).toBeDefined();
        if (++count === 3) expect(await writer?.stalled()).toBeGreaterThan(0);
        if (count === 5) break;
      }
      expect(await wire.server.closed()).toBeLessThan(50);
      expect(asked()).toEqual([POST, after(1)]);
    });

    it('while its gate is held', async () => {
      const gate = new FlowGate();
      let release: (() => void) | undefined;
      let count = 0;
      const subscription = (await client()).responses.stream(background, { resume: true, gate }).subscribe(() => {
        if (++count === 3) release = gate.hold();
      });
      await wire.server.until(() => release !== undefined);
      const stalledAt = await writer!.stalled();
      release?.();
      await wire.server.until(() => writer!.count > stalledAt);
      expect(count).toBeGreaterThan(3);
      subscription.unsubscribe();
      expect(await wire.server.closed()).toBeLessThan(50);
    });
  });

  describe('that is cancelled', () => {
    const json = (value: unknown, status = 200) => response(status, 'application/json', JSON.stringify(value));

    it('is posted to without a body', async () => {
      const client = await start((socket) => socket.write(json(cancelled)));
      const whole = { values: [cancelled], error: undefined, isComplete: true, endCount: 1 };
      expect(await record(client.responses.cancel('resp/1'))).toEqual(whole);
      const { method, path, headers, body } = wire.server.requests[0]!;
      expect({ method, path, body }).toEqual({ method: 'POST', path: '/v1/responses/resp%2F1/cancel', body: '' });
      expect(headers).toHaveProperty('content-length', '0');
      expect(headers).not.toHaveProperty('content-type');
    });

    it('leaves the connection to the next request', async () => {
      const client = await start((socket) => socket.write(json(cancelled)));
      for (let count = 0; count < 3; count++) {
        expect((await record(client.responses.cancel('resp_1'))).values).toEqual([cancelled]);
        await turn();
      }
      expect(wire.server.connectionCount).toBe(1);
    });

    it.each<[string, (socket: Socket, body: string) => unknown]>([
      [
        'in chunks',
        async (socket, body) => {
          socket.write(STREAM_HEAD.replace('text/event-stream', 'application/json'));
          for (const character of body) {
            socket.write(httpChunk(character));
            await turn();
          }
          socket.write(LAST_CHUNK);
        },
      ],
      [
        'with its connection',
        (socket, body) => socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${body}`),
      ],
      [
        'compressed',
        (socket, body) => {
          const bytes = gzipSync(body);
          socket.write(
            `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`,
          );
          socket.write(bytes);
        },
      ],
    ])('is read where it comes %s', async (_, send) => {
      const client = await start((socket) => send(socket, JSON.stringify(cancelled)));
      expect(await record(client.responses.cancel('resp_1'))).toMatchObject({ values: [cancelled], isComplete: true });
    });

    it('is read where it has several megabytes', async () => {
      const large = { ...cancelled, instructions: 'é'.repeat(4_000_000) };
      const client = await start((socket) => socket.write(json(large)));
      const { values } = await record(client.responses.cancel('resp_1'));
      expect(values.map(({ instructions }) => instructions?.length)).toEqual([4_000_000]);
    });

    it('ends with an error where the document has no end, and closes the connection', async () => {
      const piece = httpChunk(' '.repeat(65_536));
      let written = 0;
      const client = await start(async (socket) => {
        socket.write(STREAM_HEAD.replace('text/event-stream', 'application/json'));
        for (; !socket.destroyed && written < 2_000; written++) {
          if (!socket.write(piece)) await turn();
        }
      });
      const { values, error, endCount } = await record(client.responses.cancel('resp_1'));
      expect(await wire.server.closed()).toBeLessThan(100);
      expect(error).toHaveProperty('kind', 'malformed');
      expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
      expect(written).toBeLessThan(2_000);
    });

    it('ends with an error where the body breaks', async () => {
      const client = await start((socket) =>
        thenLater(socket, json(cancelled).slice(0, -20), () => socket.resetAndDestroy()),
      );
      const { values, error } = await record(client.responses.cancel('resp_1', { retry: false }));
      expect(error).toMatchObject({ name: 'APIConnectionError', phase: 'body' });
      expect(values).toEqual([]);
      expect(wire.server.requests).toHaveLength(1);
    });

    it('ends with an error where the connection cannot be made', async () => {
      const client = await start(() => undefined);
      await wire.server.close();
      const { error } = await record(client.responses.cancel('resp_1', { retry: false }));
      expect(error).toMatchObject({ name: 'APIConnectionError', phase: 'connect' });
    });

    it.each<[string, string, object]>([
      ['a status', json({ error: { message: 'No such Response' } }, 404), { name: 'APIStatusError', status: 404 }],
      ['what is no JSON', response(200, 'text/html', '<p>Sign in</p>'), { name: 'MalformedStreamError' }],
      ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', { name: 'MalformedStreamError', reason: 'protocol' }],
      ['an error', json({ error: { message: 'sorry' } }), { name: 'APIStreamError', message: 'sorry' }],
    ])('ends with an error for %s', async (_, answer, failure) => {
      const client = await start((socket) => socket.write(answer));
      const { values, error, endCount } = await record(client.responses.cancel('resp_1'));
      expect(error).toMatchObject(failure);
      expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
      expect(wire.server.requests).toHaveLength(1);
    });

    it('is posted to again by the retry of the client', async () => {
      const client = await start(
        (socket) => socket.write(response(503, 'text/plain', 'busy')),
        (socket) => socket.write(json(cancelled)),
      );
      expect((await record(client.responses.cancel('resp_1'))).values).toEqual([cancelled]);
      expect(asked()).toEqual(Array(2).fill('POST /v1/responses/resp_1/cancel'));
    });

    it.each([
      ['before the head', ''],
      ['in the body', json(cancelled).slice(0, -20)],
    ])('closes the connection when it is unsubscribed %s', async (_, sent) => {
      const client = await start((socket) => sent && socket.write(sent));
      const said: unknown[] = [];
      const say = (what: unknown) => said.push(what);
      const subscription = client.responses
        .cancel('resp_1')
        .subscribe({ next: say, error: say, complete: () => say('complete') });
      await wire.server.until(() => wire.server.requests.length === 1);
      await turn(20);
      subscription.unsubscribe();
      expect(await wire.server.closed()).toBeLessThan(50);
      expect(said).toEqual([]);
    });

    it.each([
      ['responseMs', '', 'head'],
      ['totalMs', json(cancelled).slice(0, -20), 'total'],
    ])('closes the connection when the limit %s passes', async (name, sent, phase) => {
      const client = await start((socket) => sent && socket.write(sent));
      const options = { timeouts: { [name]: 100 }, retry: false as const };
      expect((await record(client.responses.cancel('resp_1', options))).error).toMatchObject({
        kind: 'timeout',
        phase,
      });
      expect(await wire.server.closed()).toBeLessThan(50);
    });

    it('ends its stream', async () => {
      const last = { ...responseEnd('cancelled'), sequence_number: 2 };
      const client = await wire.start(({ socket, request }) => {
        if (!request.path.endsWith('/cancel')) return socket.write(streamed(0, 2));
        wire.server.requestSockets[0]?.write(httpChunk(event(last)) + LAST_CHUNK);
        return socket.write(json(cancelled));
      });
      const recording = record(client.responses.stream(background, { resume: true }));
      await wire.server.until(() => wire.server.requests.length === 1);
      expect((await record(client.responses.cancel('resp_1'))).values).toEqual([cancelled]);
      const { values, isComplete } = await recording;
      expect(values).toEqual([...whole.slice(0, 2), last]);
      expect(isComplete).toBe(true);
      expect(asked()).toEqual([POST, 'POST /v1/responses/resp_1/cancel']);
    });
  });
});
