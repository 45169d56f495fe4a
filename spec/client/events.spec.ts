import { untilDone, type ServerSentEvent, type StreamTruncatedError } from 'rxdelta';
import { describeWire, params } from '../support/describeWire';
import { record } from '../support/record';
import { answer, delta, event, httpChunk, LAST_CHUNK, response, sendAnswer, STREAM_HEAD } from '../support/wire';
import type { WireExchange } from '../support/WireServer';

/** Sends the text as a body, and ends it in good order. */
const sending =
  (...texts: string[]) =>
  ({ socket }: WireExchange) =>
    socket.write(STREAM_HEAD + texts.map(httpChunk).join('') + LAST_CHUNK);

const data = (text: string) => JSON.parse(text.slice('data: '.length)) as unknown;
const parsed = (events: ServerSentEvent[]) => events.map((item) => JSON.parse(item.data) as unknown);

describeWire('events', (wire) => {
  it('emits every event with data as it came, and makes one request', async () => {
    const client = await wire.start(
      sending(
        ': a comment\n\n',
        'event: greeting\nid: 1\nretry: 250\ndata: {"a":1}\n\n',
        'data: not JSON\ndata: in two lines\n\n',
        'event: no data\n\nretry: 300\n\nretry: 400\n\n',
        'id: 3\ndata: {"choices":7}\n\n',
        'data: [DONE]\n\n',
      ),
    );
    const { values, isComplete, endCount } = await record(client.chat.completions.stream(params).events());
    expect(values).toEqual([
      { event: 'greeting', id: '1', retry: 250, data: '{"a":1}' },
      { data: 'not JSON\nin two lines' },
      { id: '3', retry: 400, data: '{"choices":7}' },
      { data: '[DONE]' },
    ]);
    expect({ isComplete, endCount }).toEqual({ isComplete: true, endCount: 1 });
    expect(wire.server.requests).toHaveLength(1);
    expect(JSON.parse(wire.server.requests[0]?.body ?? '')).toEqual({ ...params, stream: true });
  });

  it('sends nothing until it is subscribed, and once for each subscription', async () => {
    const client = await wire.start(({ socket }) => {
      sendAnswer(socket, 'Hello');
    });
    const events = client.chat.completions.stream(params).events();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(wire.server.connectionCount).toBe(0);
    const first = await record(events);
    expect((await record(events)).values).toEqual(first.values);
    expect(wire.server.requests).toHaveLength(2);
  });

  it('emits what is an error for the chunks as ordinary items', async () => {
    const failed = { type: 'response.failed', response: { error: { code: 'server_error', message: 'sorry' } } };
    const error = { error: { message: 'overloaded' } };
    const client = await wire.start(
      sending(event(error), 'event: error\ndata: out of tokens\n\n', `event: response.failed\n${event(failed)}`),
    );
    const { values, isComplete } = await record(client.responses.stream({ model: 'm', input: '' }).events());
    expect(values).toEqual([
      { data: JSON.stringify(error) },
      { event: 'error', data: 'out of tokens' },
      { event: 'response.failed', data: JSON.stringify(failed) },
    ]);
    expect(isComplete).toBe(true);
  });

  it('completes after [DONE] although the server keeps the connection open', async () => {
    const client = await wire.start(({ socket }) =>
      socket.write(STREAM_HEAD + httpChunk(`${delta('one')}data:  [DONE] \n\n${delta('two')}`)),
    );
    const { values, isComplete } = await record(client.chat.completions.stream(params).events());
    expect(values.map((item) => item.data).at(-1)).toBe(' [DONE] ');
    expect(values).toHaveLength(2);
    expect(isComplete).toBe(true);
    expect(wire.server.sockets.size).toBe(1);
    expect(await wire.server.closed()).toBeLessThan(600);
  });

  it('leaves the connection to the next request when the body ends soon after [DONE]', async () => {
    const client = await wire.start(({ socket }) => {
      socket.write(STREAM_HEAD + httpChunk(answer('one ')));
      setTimeout(() => socket.write(LAST_CHUNK), 20);
    });
    for (let count = 0; count < 3; count++) {
      expect(await record(client.chat.completions.stream(params).events())).toMatchObject({ isComplete: true });
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    expect(wire.server.connectionCount).toBe(1);
  });

  it('does not end at a terminal event, which is an item like any other', async () => {
    const done = { type: 'response.completed', response: {} };
    const client = await wire.start(sending(event(done), event({ type: 'response.extra' })));
    const { values } = await record(client.responses.stream({ model: 'm', input: '' }).events());
    expect(parsed(values)).toEqual([done, { type: 'response.extra' }]);
  });

  it('completes at the end of a body that is cut, and becomes a StreamTruncatedError by untilDone', async () => {
    const client = await wire.start(sending(`id: 1\n${delta('one ')}`, `id: 2\n${delta('two')}`));
    const events = client.chat.completions.stream(params).events();
    const plain = await record(events);
    expect(parsed(plain.values)).toEqual([data(delta('one ')), data(delta('two'))]);
    expect(plain).toMatchObject({ isComplete: true, endCount: 1 });

    const judged = await record(events.pipe(untilDone()));
    expect(judged.values).toEqual(plain.values);
    expect(judged).toMatchObject({ isComplete: false, endCount: 1 });
    const { kind, chunkCount, lastEventId } = judged.error as StreamTruncatedError;
    expect({ kind, chunkCount, lastEventId }).toEqual({ kind: 'truncated', chunkCount: 2, lastEventId: '2' });
  });

  it('completes by untilDone where the answer is whole', async () => {
    const client = await wire.start(sending(answer('one ', 'two')));
    const { values, isComplete } = await record(client.chat.completions.stream(params).events().pipe(untilDone()));
    expect(values.map((item) => item.data).at(-1)).toBe('[DONE]');
    expect({ count: values.length, isComplete }).toEqual({ count: 4, isComplete: true });
  });

  it('is not ended by a body that breaks after [DONE]', async () => {
    const client = await wire.start(({ socket }) => {
      socket.write(STREAM_HEAD + httpChunk(answer('one')), () => setImmediate(() => socket.resetAndDestroy()));
    });
    const { isComplete, endCount } = await record(client.chat.completions.stream(params).events());
    await wire.server.allClosed();
    expect({ isComplete, endCount }).toEqual({ isComplete: true, endCount: 1 });
  });

  describe('ends with an error', () => {
    it('for a status', async () => {
      const client = await wire.start(({ socket }) => socket.write(response(401, 'text/plain', 'who are you?')));
      const { values, error, endCount } = await record(client.chat.completions.stream(params).events());
      expect(error).toMatchObject({ name: 'APIStatusError', status: 401 });
      expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
    });

    it('for a connection that cannot be made', async () => {
      const client = await wire.start(() => undefined);
      await wire.server.close();
      const { error, endCount } = await record(client.chat.completions.stream(params).events());
      expect(error).toMatchObject({ name: 'APIConnectionError', kind: 'connection', phase: 'connect' });
      expect(endCount).toBe(1);
    });

    it('for a body that breaks, after the events before it', async () => {
      const client = await wire.start(({ socket }) => {
        socket.write(STREAM_HEAD + httpChunk(delta('one ')), () => setTimeout(() => socket.resetAndDestroy(), 20));
      });
      const { values, error, endCount } = await record(client.chat.completions.stream(params).events());
      expect(parsed(values)).toEqual([data(delta('one '))]);
      expect(error).toMatchObject({ kind: 'connection', phase: 'body', requestId: 'req_1' });
      expect(endCount).toBe(1);
    });

    it.each(['idle', 'chunk', 'total'] as const)('for the limit %sMs, and closes the connection', async (phase) => {
      const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
      const stream = client.chat.completions.stream(params, { timeouts: { [`${phase}Ms`]: 100 } });
      const { values, error, endCount } = await record(stream.events());
      expect(await wire.server.closed()).toBeLessThan(50);
      expect(error).toMatchObject({ name: 'APIConnectionTimeoutError', phase });
      expect({ count: values.length, endCount }).toEqual({ count: 1, endCount: 1 });
    });

    it('for the limit chunkMs, but not for idleMs, where the server sends comments only', async () => {
      const client = await wire.start(({ socket }) => {
        const timer = setInterval(() => socket.write(httpChunk(': keep-alive\n\n')), 20);
        socket.on('close', () => {
          clearInterval(timer);
        });
        socket.write(STREAM_HEAD);
      });
      const stream = client.chat.completions.stream(params, { timeouts: { idleMs: 100, chunkMs: 300 } });
      expect((await record(stream.events())).error).toMatchObject({ kind: 'timeout', phase: 'chunk' });
    });

    it('for an answer that is no stream', async () => {
      const client = await wire.start(({ socket }) => socket.write(response(200, 'text/html', '<p>Sign in</p>')));
      const { error } = await record(client.chat.completions.stream(params).events());
      expect(error).toMatchObject({ name: 'MalformedStreamError', reason: 'content-type' });
    });

    it('for an event over the limit maxEventBytes, and closes the connection', async () => {
      const client = await wire.start(({ socket }) =>
        socket.write(STREAM_HEAD + httpChunk(`data: ok\n\ndata: ${'x'.repeat(101)}\n\n`)),
      );
      const { values, error } = await record(client.chat.completions.stream(params, { maxEventBytes: 100 }).events());
      expect(await wire.server.closed()).toBeLessThan(50);
      expect(values).toEqual([{ data: 'ok' }]);
      expect(error).toMatchObject({ name: 'MalformedStreamError', reason: 'event-too-large' });
    });
  });

  it('starts again by the option retry until an event has come', async () => {
    const client = await wire.start(
      ({ socket, index }) => {
        if (index === 0) socket.write(response(503, 'text/plain', 'busy'));
        else if (index === 1) sendAnswer(socket, 'Hello');
        else socket.write(STREAM_HEAD + httpChunk(delta('one ')), () => setTimeout(() => socket.resetAndDestroy(), 20));
      },
      { retry: { initialDelayMs: 1 } },
    );
    const events = client.chat.completions.stream(params).events();
    expect(await record(events)).toMatchObject({ isComplete: true, endCount: 1 });
    expect(wire.server.requests).toHaveLength(2);
    expect((await record(events)).error).toMatchObject({ kind: 'connection', attempts: 1 });
    expect(wire.server.requests).toHaveLength(3);
  });

  it('closes the connection when it is unsubscribed', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const closed = await new Promise<number>((resolve) => {
      const subscription = client.chat.completions
        .stream(params)
        .events()
        .subscribe(() => {
          queueMicrotask(() => {
            subscription.unsubscribe();
            resolve(wire.server.closed());
          });
        });
    });
    expect(closed).toBeLessThan(50);
  });
});
