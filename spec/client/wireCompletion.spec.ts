import type { Socket } from 'node:net';
import { contentDeltas, takeChunks, type ResponseHead } from 'rxdelta';
import { describeWire, params } from '../support/describeWire';
import { record } from '../support/record';
import { answer, delta, event, httpChunk, LAST_CHUNK, STREAM_HEAD } from '../support/wire';

const CLOSE_DELIMITED_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req_1\r\n\r\n';
const WHOLE = { values: ['one ', 'two'], isComplete: true, error: undefined, endCount: 1 };
const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

const choice = (index: number, text: string, finishReason: string | null = null) =>
  event({ choices: [{ index, delta: { content: text }, finish_reason: finishReason }] });

describeWire('the end of a stream', (wire) => {
  const read = async (script: (socket: Socket) => unknown) => {
    const client = await wire.start(({ socket }) => script(socket));
    return record(client.chat.completions.stream(params).pipe(contentDeltas()));
  };
  const readResponse = async (body: string) => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + body));
    return record(client.responses.stream({ model: 'm', input: '' }));
  };

  describe('is reached', () => {
    it('at [DONE], without waiting for the server to close', async () => {
      expect(await read((socket) => socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two'))))).toEqual(WHOLE);
      expect(wire.server.sockets.size).toBe(1);
    });

    it('at a [DONE] with blanks around it, and at one that a CR ends', async () => {
      const text = answer('one ', 'two').replace('data: [DONE]\n\n', 'data:   [DONE]  \r\r');
      expect(await read((socket) => socket.write(STREAM_HEAD + httpChunk(text)))).toEqual(WHOLE);
    });

    it('at [DONE] also where no choice has a finish reason', async () => {
      const text = delta('one ') + delta('two') + event('[DONE]');
      expect(await read((socket) => socket.write(STREAM_HEAD + httpChunk(text)))).toEqual(WHOLE);
    });

    it.each(['completed', 'incomplete', 'cancelled'])('at response.%s, which is emitted', async (status) => {
      const last = { type: `response.${status}`, response: { id: 'resp_1', status } };
      const { values, isComplete, endCount } = await readResponse(
        httpChunk(`event: ${last.type}\n${event(last)}${event({ type: 'response.late' })}`),
      );
      expect(values).toEqual([last]);
      expect({ isComplete, endCount }).toEqual({ isComplete: true, endCount: 1 });
    });

    it('at the end of the body once every choice has a finish reason', async () => {
      const text = choice(0, 'one ') + choice(1, 'uno') + choice(1, '', 'stop') + choice(0, 'two', 'length');
      expect(await read((socket) => socket.write(STREAM_HEAD + httpChunk(text) + LAST_CHUNK))).toEqual(WHOLE);
    });

    it('at the end of a body that ends with its connection', async () => {
      const text = delta('one ') + delta('two', 'stop');
      expect(await read((socket) => socket.end(CLOSE_DELIMITED_HEAD + text))).toEqual(WHOLE);
    });

    it('not at a finish reason, since usage and other choices may follow', async () => {
      const client = await wire.start(({ socket }) =>
        socket.write(STREAM_HEAD + httpChunk(delta('one', 'stop')), () => setTimeout(finish, 30)),
      );
      const usage = { choices: [], usage: { total_tokens: 5 } };
      const finish = () => wire.server.requestSockets[0]?.write(httpChunk(event(usage)) + LAST_CHUNK);
      const { values, isComplete } = await record(client.chat.completions.stream(params));
      expect(values.at(-1)).toEqual(usage);
      expect(isComplete).toBe(true);
    });
  });

  describe('is not reached', () => {
    const truncated = (chunkCount: number) => ({ kind: 'truncated', phase: 'body', chunkCount, retryable: true });

    it.each([
      ['at the end of a body that stops in the middle', delta('one ') + delta('two'), ['one ', 'two'], 2],
      [
        'while one choice of two has no finish reason',
        choice(0, 'one ') + choice(1, 'uno') + choice(0, 'two', 'stop'),
        ['one ', 'two'],
        3,
      ],
      ['in the middle of an event', delta('one ') + delta('two').slice(0, 40), ['one '], 1],
      ['by comments', ': keep-alive\n\n', [], 0],
      ['at the end of an empty body', '', [], 0],
    ])('%s', async (_, text, texts, chunkCount) => {
      const { values, error, endCount } = await read((socket) =>
        socket.write(STREAM_HEAD + (text && httpChunk(text)) + LAST_CHUNK),
      );
      expect(error).toMatchObject(truncated(chunkCount));
      expect({ values, endCount }).toEqual({ values: texts, endCount: 1 });
    });

    it('by a Responses stream without a terminal event', async () => {
      const created = { type: 'response.created', response: {} };
      const { values, error } = await readResponse(httpChunk(event(created)) + LAST_CHUNK);
      expect(values).toEqual([created]);
      expect(error).toMatchObject(truncated(1));
    });

    it('unless the completion is lenient, and the body ends in good order', async () => {
      const client = await wire.start(({ socket, index }) => {
        socket.write(STREAM_HEAD + httpChunk(delta('one ') + delta('two')), () =>
          setTimeout(() => (index === 0 ? socket.write(LAST_CHUNK) : socket.resetAndDestroy()), 20),
        );
      });
      const stream = client.chat.completions.stream(params, { completion: 'lenient' }).pipe(contentDeltas());
      expect(await record(stream)).toEqual(WHOLE);
      expect(await record(stream)).toMatchObject({ ...WHOLE, isComplete: false, error: { kind: 'connection' } });
    });
  });

  describe('hides what follows', () => {
    const after: Record<string, (socket: Socket) => unknown> = {
      'more chunks': (socket) => socket.write(httpChunk(delta('three')) + LAST_CHUNK),
      'an error in the stream': (socket) => socket.write(httpChunk(event({ error: { message: 'late' } })) + LAST_CHUNK),
      'junk in the stream': (socket) => socket.write(httpChunk('data: {"cut\n\n\0\0') + LAST_CHUNK),
      'junk that is no HTTP': (socket) => socket.write('zzz\r\nno chunk\r\n'),
      'a reset': (socket) => socket.resetAndDestroy(),
      'a missing last chunk': (socket) => socket.end(),
    };

    // A reset would overtake what was written just before.
    it.each(Object.entries(after).filter(([what]) => what !== 'a reset'))('%s, in one packet', async (_, next) => {
      const recording = await read((socket) => {
        socket.cork();
        socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two')));
        next(socket);
        socket.uncork();
      });
      await turn(20);
      expect(recording).toEqual(WHOLE);
    });

    it.each(Object.entries(after))('%s, a while later', async (_, next) => {
      const recording = await read((socket) => socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two'))));
      expect(recording).toEqual(WHOLE);
      next(wire.server.requestSockets[0]!);
      await turn(20);
      expect(recording).toEqual(WHOLE);
    });

    it('a reset of a body that ends with its connection', async () => {
      const recording = await read((socket) => {
        socket.write(CLOSE_DELIMITED_HEAD + answer('one ', 'two'), () =>
          setTimeout(() => socket.resetAndDestroy(), 20),
        );
      });
      await wire.server.allClosed();
      await turn(20);
      expect(recording).toEqual(WHOLE);
    });

    it('a limit that would pass', async () => {
      const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two'))));
      const timeouts = { idleMs: 40, chunkMs: 40, totalMs: 80 };
      const recording = await record(client.chat.completions.stream(params, { timeouts }).pipe(contentDeltas()));
      await wire.server.closed();
      expect(recording).toEqual(WHOLE);
    });
  });

  describe('leaves the connection', () => {
    /** Requests one after the other, with a pause in which the body can end. */
    const readInTurn = async (script: (socket: Socket) => unknown, pauseMs = 0, times = 5) => {
      const client = await wire.start(({ socket }) => script(socket));
      for (let count = 0; count < times; count++) {
        expect(await record(client.chat.completions.stream(params).pipe(contentDeltas()))).toEqual(WHOLE);
        await turn(pauseMs);
      }
      expect(wire.server.requests).toHaveLength(times);
    };

    it('to the next request, when the body ends with it', async () => {
      await readInTurn((socket) => socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two')) + LAST_CHUNK));
      expect(wire.server.connectionCount).toBe(1);
    });

    it('to the next request, when the body ends within the grace', async () => {
      await readInTurn((socket) => {
        socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two')));
        setTimeout(() => socket.write(LAST_CHUNK), 30);
      }, 120);
      expect(wire.server.connectionCount).toBe(1);
    });

    it('to the next request, when the body ends within 64 KiB', async () => {
      await readInTurn(
        (socket) => {
          socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two')));
          setTimeout(() => socket.write(httpChunk('x'.repeat(60 * 1024)) + LAST_CHUNK), 10);
        },
        150,
        3,
      );
      expect(wire.server.connectionCount).toBe(1);
    });

    it('to the next request, when the end was that of the body', async () => {
      const text = delta('one ') + delta('two', 'stop');
      await readInTurn((socket) => socket.write(STREAM_HEAD + httpChunk(text) + LAST_CHUNK));
      expect(wire.server.connectionCount).toBe(1);
    });

    it('for 250 ms, when the server keeps the body open', async () => {
      await read((socket) => socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two'))));
      const endedAt = performance.now();
      expect(await wire.server.closed()).toBeLessThan(400);
      expect(performance.now() - endedAt).toBeGreaterThan(200);
    });

    it('for 250 ms also to a server that goes on slowly', async () => {
      await read((socket) => {
        socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two')));
        const timer = setInterval(() => socket.write(httpChunk(': keep-alive\n\n')), 20);
        socket.on('close', () => {
          clearInterval(timer);
        });
      });
      const endedAt = performance.now();
      expect(await wire.server.closed()).toBeLessThan(400);
      expect(performance.now() - endedAt).toBeGreaterThan(200);
    });

    it('for 64 KiB more, when the server goes on fast', async () => {
      await read((socket) => socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two'))));
      wire.server.requestSockets[0]?.write(httpChunk('x'.repeat(70 * 1024)));
      expect(await wire.server.closed()).toBeLessThan(100);
    });

    it('closed at once by an unsubscription before the end', async () => {
      const client = await wire.start(({ socket }) =>
        socket.write(STREAM_HEAD + httpChunk(delta('one ') + delta('two'))),
      );
      const { values, isComplete } = await record(client.chat.completions.stream(params).pipe(takeChunks(2)));
      expect(await wire.server.closed()).toBeLessThan(50);
      expect({ count: values.length, isComplete }).toEqual({ count: 2, isComplete: true });
    });

    it('closed at once by an unsubscription at the last chunk, just before the end', async () => {
      const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(answer('one '))));
      await record(client.chat.completions.stream(params).pipe(takeChunks(2)));
      expect(await wire.server.closed()).toBeLessThan(50);
    });

    it('as it is, when unsubscribed after the end', async () => {
      const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(answer('one '))));
      const head = await new Promise<ResponseHead>((resolve) => {
        let response!: ResponseHead;
        const subscription = client.chat.completions
          .stream(params, { onResponse: (given) => (response = given) })
          .subscribe({
            complete: () =>
              queueMicrotask(() => {
                subscription.unsubscribe();
                resolve(response);
              }),
          });
      });
      expect(head.requestId).toBe('req_1');
      wire.server.requestSockets[0]?.write(LAST_CHUNK);
      await turn(20);
      await record(client.chat.completions.stream(params));
      expect(wire.server.connectionCount).toBe(1);
    });
  });
});
