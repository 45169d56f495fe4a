import { getEventListeners } from 'node:events';
import { contentDeltas, createClient, type APIUserAbortError } from 'rxdelta';
import { describeWire, params } from '../support/describeWire';
import { record } from '../support/record';
import { delta, httpChunk, response, sendAnswer, STREAM_HEAD } from '../support/wire';

describeWire('an AbortSignal', (wire) => {
  const reason = new Error('The reader has left');
  let controller: AbortController;
  const abort = () => {
    controller.abort(reason);
  };

  beforeEach(() => {
    controller = new AbortController();
  });

  /** What every stream ends with whose signal fires. */
  const expectAbort = (error: unknown) => {
    expect(error).toMatchObject({ name: 'APIUserAbortError', kind: 'abort', retryable: false });
    expect((error as APIUserAbortError).cause).toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  };

  it('that has fired already lets no request be made', async () => {
    const client = await wire.start(() => undefined);
    abort();
    const { error, endCount } = await record(client.chat.completions.stream(params, { signal: controller.signal }));
    expectAbort(error);
    expect(endCount).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(wire.server.connectionCount).toBe(0);
  });

  it('ends a stream in the tick of its subscription', async () => {
    const client = await wire.start(() => undefined);
    const recording = record(client.chat.completions.stream(params, { signal: controller.signal }));
    abort();
    expectAbort((await recording).error);
    await wire.server.allClosed();
    expect((await recording).endCount).toBe(1);
  });

  it('ends a stream before its head, and closes the connection', async () => {
    const client = await wire.start(() => undefined);
    const recording = record(client.chat.completions.stream(params, { signal: controller.signal }));
    await wire.server.until(() => wire.server.requests.length === 1);
    abort();
    expect(await wire.server.closed()).toBeLessThan(50);
    const { error, endCount } = await recording;
    expectAbort(error);
    expect(endCount).toBe(1);
  });

  it('ends a stream between its chunks, and closes the connection', async () => {
    const client = await wire.start(({ socket }) =>
      socket.write(STREAM_HEAD + httpChunk(delta('one ') + delta('two'))),
    );
    const stream = client.chat.completions.stream(params, { signal: controller.signal });
    const texts: string[] = [];
    const error = await new Promise<unknown>((resolve) => {
      stream.pipe(contentDeltas()).subscribe({
        next: (text) => {
          texts.push(text);
          abort();
        },
        error: resolve,
      });
    });
    expect(await wire.server.closed()).toBeLessThan(50);
    expectAbort(error);
    expect(texts).toEqual(['one ']);
  });

  it('ends a stream in its silence, and closes the connection', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const recording = record(client.chat.completions.stream(params, { signal: controller.signal }));
    await wire.server.until(() => wire.server.requests.length === 1);
    setTimeout(abort, 30);
    const { values, error } = await recording;
    expect(await wire.server.closed()).toBeLessThan(50);
    expectAbort(error);
    expect(values).toHaveLength(1);
  });

  it('ends the wait before a retry', async () => {
    const client = await wire.start(({ socket }) => socket.write(response(503, 'text/plain', 'busy')));
    const retry = { initialDelayMs: 5_000, onRetry: () => setTimeout(abort, 20) };
    const startedAt = performance.now();
    const { error } = await record(client.chat.completions.stream(params, { signal: controller.signal, retry }));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expectAbort(error);
    expect(wire.server.requests).toHaveLength(1);
  });

  it('ends a loop, which throws', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    let thrown: unknown;
    try {
      for await (const chunk of client.chat.completions.stream(params, { signal: controller.signal })) {
        if (chunk) abort();
      }
    } catch (error) {
      thrown = error;
    }
    expect(await wire.server.closed()).toBeLessThan(50);
    expectAbort(thrown);
  });

  it('is left alone once the stream is over', async () => {
    const client = await wire.start(({ socket, index }) => {
      if (index === 0) sendAnswer(socket, 'one ');
      else socket.write(response(400, 'text/plain', 'no'));
    });
    const stream = client.chat.completions.stream(params, { signal: controller.signal });
    const whole = await record(stream);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    const failed = await record(stream);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    stream.subscribe().unsubscribe();
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    abort();
    expect(whole).toMatchObject({ isComplete: true, endCount: 1 });
    expect(failed).toMatchObject({ error: { kind: 'status' }, endCount: 1 });
  });

  it('may serve many streams', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD));
    const other = createClient({ baseURL: wire.server.url, transport: wire.transport });
    const streams = [client, other, client].map((one) =>
      one.chat.completions.stream(params, { signal: controller.signal }),
    );
    const recordings = streams.map((stream) => record(stream));
    await wire.server.until(() => wire.server.requests.length === 3);
    abort();
    for (const { error } of await Promise.all(recordings)) expectAbort(error);
    expect(await wire.server.allClosed()).toBeLessThan(50);
  });
});
