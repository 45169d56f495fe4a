import { tap } from 'rxjs';
import { contentDeltas, type Client } from 'rxdelta';
import { describeWire, params } from '../support/describeWire';
import { record } from '../support/record';
import { delta, event, httpChunk, LAST_CHUNK, sendAnswer, STREAM_HEAD } from '../support/wire';

const WHOLE = { values: ['one ', 'two'], isComplete: true, endCount: 1 };
const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

describeWire('the connections of a client', (wire) => {
  it('are as many as its streams: 300 have begun before one of them ends', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    let begunCount = 0;
    const stream = client.chat.completions.stream(params).pipe(contentDeltas());
    const recordings = Array.from({ length: 300 }, () =>
      record(stream.pipe(tap((text) => (begunCount += Number(text === 'one '))))),
    );
    await wire.server.until(() => begunCount === 300);
    expect(wire.server.connectionCount).toBe(300);
    for (const socket of wire.server.requestSockets) {
      socket.write(httpChunk(delta('two', 'stop') + event('[DONE]')) + LAST_CHUNK);
    }
    for (const recording of await Promise.all(recordings)) expect(recording).toMatchObject(WHOLE);
  });

  it('are all closed when all streams are unsubscribed', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const heard: unknown[] = [];
    let begunCount = 0;
    const subscriptions = Array.from({ length: 100 }, () =>
      client.chat.completions.stream(params).subscribe({
        next: () => begunCount++,
        error: (error: unknown) => heard.push(error),
        complete: () => heard.push('complete'),
      }),
    );
    await wire.server.until(() => begunCount === 100);
    for (const subscription of subscriptions) subscription.unsubscribe();
    expect(await wire.server.allClosed()).toBeLessThan(200);
    expect(heard).toEqual([]);
  });

  // Node's own fetch opens another connection after it has aborted one, and leaves it idle.
  const throughUndici = wire.name === 'undici' ? it : () => undefined;
  throughUndici('are not opened anew for nobody', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    for await (const chunk of client.chat.completions.stream(params)) if (chunk) break;
    await wire.server.allClosed();
    await turn(50);
    expect(wire.server.connectionCount).toBe(1);
  });

  describe('that the server closes between two requests', () => {
    const read = (client: Client) => record(client.chat.completions.stream(params).pipe(contentDeltas()));

    it.each(['end', 'destroy', 'resetAndDestroy'] as const)('by %s are opened anew', async (close) => {
      const client = await wire.start(({ socket }) => {
        sendAnswer(socket, 'one ', 'two');
      });
      for (let count = 1; count <= 3; count++) {
        expect(await read(client)).toMatchObject(WHOLE);
        wire.server.requestSockets.at(-1)?.[close]();
        await wire.server.allClosed();
        // Until the client has noticed it too.
        await turn(150);
        expect(wire.server.connectionCount).toBe(count);
      }
    });

    it('while the next one is under way end it in an error that can be retried', async () => {
      const client = await wire.start(
        ({ socket, index }) => {
          if (index % 2 === 0) sendAnswer(socket, 'one ', 'two');
          else socket.destroy();
        },
        { retry: { initialDelayMs: 1 } },
      );
      const once = client.chat.completions.stream(params, { retry: false }).pipe(contentDeltas());
      expect(await record(once)).toMatchObject(WHOLE);
      // The pool takes a connection back once the stack is empty.
      await turn();
      const { error, endCount } = await record(once);
      expect(error).toMatchObject({ name: 'APIConnectionError', phase: 'head', retryable: true });
      expect(endCount).toBe(1);
      expect(wire.server.connectionCount).toBe(1);

      expect(await read(client)).toMatchObject(WHOLE);
      expect(await read(client)).toMatchObject(WHOLE);
      expect(wire.server.requests).toHaveLength(5);
    });

    it('in the same moment end the next one in its answer or in such an error', async () => {
      const client = await wire.start(({ socket }) => {
        sendAnswer(socket, 'one ', 'two');
      });
      expect(await read(client)).toMatchObject(WHOLE);
      for (let count = 0; count < 20; count++) {
        for (const socket of wire.server.sockets) socket.end();
        const recording = await read(client);
        if (recording.error)
          expect(recording.error).toMatchObject({ kind: 'connection', phase: 'head', retryable: true });
        else expect(recording).toMatchObject(WHOLE);
        expect(recording.endCount).toBe(1);
        if (count % 2) await turn(2);
      }
    });

    it('leave the next one free to be unsubscribed', async () => {
      const client = await wire.start(({ socket, index }) => {
        if (index === 0) sendAnswer(socket, 'one ', 'two');
      });
      expect(await read(client)).toMatchObject(WHOLE);
      wire.server.requestSockets[0]?.destroy();
      await turn(50);
      const heard: unknown[] = [];
      const subscription = client.chat.completions.stream(params).subscribe({
        error: (error: unknown) => heard.push(error),
        complete: () => heard.push('complete'),
      });
      await wire.server.until(() => wire.server.connectionCount === 2);
      subscription.unsubscribe();
      expect(await wire.server.allClosed()).toBeLessThan(50);
      expect(heard).toEqual([]);
    });
  });
});
