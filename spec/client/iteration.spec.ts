import { accumulateContent, FlowGate, toAsyncIterable, type StreamChunk } from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { describeWire, params } from '../support/describeWire';
import { EndlessWriter } from '../support/EndlessWriter';
import { answer, delta, httpChunk, LAST_CHUNK, sendAnswer, STREAM_HEAD } from '../support/wire';
import type { WireExchange } from '../support/WireServer';

const textOf = (chunk: StreamChunk) => (chunk as ChatCompletionChunk).choices[0]?.delta.content ?? '';
const numberOf = (chunk: StreamChunk) => parseInt(textOf(chunk));
const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** Iterates to the end; the texts, and what was thrown. */
async function drain(source: AsyncIterable<StreamChunk>): Promise<{ texts: string[]; thrown: unknown }> {
  const texts: string[] = [];
  try {
    for await (const chunk of source) texts.push(textOf(chunk));
    return { texts, thrown: undefined };
  } catch (thrown) {
    return { texts, thrown };
  }
}

describeWire('for await over a stream', (wire) => {
  let writer: EndlessWriter;
  const endless = ({ socket }: WireExchange) => {
    writer = new EndlessWriter(socket);
  };

  it('makes the request at the first pull', async () => {
    const client = await wire.start(({ socket }) => {
      sendAnswer(socket, 'one ', 'two');
    });
    const iterator = client.chat.completions.stream(params)[Symbol.asyncIterator]();
    await turn(20);
    expect(wire.server.connectionCount).toBe(0);
    const { value, done } = await iterator.next();
    expect({ text: textOf(value!), done }).toEqual({ text: 'one ', done: false });
    expect(wire.server.requests).toHaveLength(1);
    await iterator.return?.();
  });

  it('sends nothing when it is returned before the first pull', async () => {
    const client = await wire.start(() => undefined);
    const iterator = client.chat.completions.stream(params)[Symbol.asyncIterator]();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await turn(20);
    expect(wire.server.connectionCount).toBe(0);
  });

  it('gives the chunks in order, then ends, and every loop is a request', async () => {
    const client = await wire.start(({ socket }) => {
      sendAnswer(socket, 'one ', 'two ', 'three');
    });
    const stream = client.chat.completions.stream(params);
    expect(await drain(stream)).toEqual({ texts: ['one ', 'two ', 'three', ''], thrown: undefined });
    expect(await drain(stream)).toEqual({ texts: ['one ', 'two ', 'three', ''], thrown: undefined });
    expect(wire.server.requests).toHaveLength(2);
  });

  it('answers pulls that do not wait for each other in order', async () => {
    const client = await wire.start(({ socket }) => {
      sendAnswer(socket, 'one ', 'two');
    });
    const iterator = client.chat.completions.stream(params)[Symbol.asyncIterator]();
    const pulls = await Promise.all([1, 2, 3, 4, 5].map(() => iterator.next()));
    expect(pulls.map(({ value }) => value && textOf(value))).toEqual(['one ', 'two', '', undefined, undefined]);
    expect(wire.server.requests).toHaveLength(1);
  });

  it('closes the connection at break', async () => {
    const client = await wire.start(endless);
    const numbers: number[] = [];
    for await (const chunk of client.chat.completions.stream(params)) {
      if (numbers.push(numberOf(chunk)) === 3) break;
    }
    expect(await wire.server.closed()).toBeLessThan(50);
    expect(numbers).toEqual([0, 1, 2]);
  });

  it('closes the connection at break in a quiet stream', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    for await (const chunk of client.chat.completions.stream(params)) {
      expect(textOf(chunk)).toBe('one ');
      break;
    }
    expect(await wire.server.closed()).toBeLessThan(50);
  });

  it('closes the connection at a throw in the loop', async () => {
    const client = await wire.start(endless);
    const failure = new Error('in the loop');
    const loop = async () => {
      for await (const chunk of client.chat.completions.stream(params)) if (textOf(chunk)) throw failure;
    };
    await expect(loop()).rejects.toBe(failure);
    expect(await wire.server.closed()).toBeLessThan(50);
  });

  it('closes the connection when it is returned while a pull waits', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD));
    const iterator = client.chat.completions.stream(params)[Symbol.asyncIterator]();
    const pull = iterator.next();
    await wire.server.until(() => wire.server.requests.length === 1);
    await iterator.return?.();
    expect(await wire.server.closed()).toBeLessThan(50);
    expect(await pull).toEqual({ done: true, value: undefined });
  });

  it('throws after the chunks before the error', async () => {
    const client = await wire.start(({ socket }) => {
      socket.write(STREAM_HEAD + httpChunk(delta('one ') + delta('two ')) + LAST_CHUNK);
    });
    const { texts, thrown } = await drain(client.chat.completions.stream(params));
    expect(texts).toEqual(['one ', 'two ']);
    expect(thrown).toMatchObject({ kind: 'truncated', chunkCount: 2, requestId: 'req_1' });
  });

  it('throws after chunks that a slow loop had not taken when the connection broke', async () => {
    const client = await wire.start(({ socket }) => {
      socket.write(STREAM_HEAD + httpChunk(delta('one ') + delta('two ')), () =>
        setTimeout(() => socket.resetAndDestroy(), 20),
      );
    });
    const iterator = client.chat.completions.stream(params)[Symbol.asyncIterator]();
    expect(textOf((await iterator.next()).value!)).toBe('one ');
    await wire.server.allClosed();
    await turn(20);
    expect(textOf((await iterator.next()).value!)).toBe('two ');
    await expect(iterator.next()).rejects.toMatchObject({ kind: 'connection', phase: 'body' });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('lets the server wait while the loop is busy, and loses nothing', async () => {
    const client = await wire.start(endless);
    const numbers: number[] = [];
    let stalledAt = Infinity;
    for await (const chunk of client.chat.completions.stream(params)) {
      if (numbers.push(numberOf(chunk)) === 3) stalledAt = await writer.stalled();
      if (numbers.length > stalledAt) break;
    }
    expect(numbers).toEqual([...numbers.keys()]);
    expect(writer.count).toBeGreaterThan(stalledAt);
    expect(await wire.server.closed()).toBeLessThan(50);
  });

  it('does not count the time of a busy loop for a silence of the server', async () => {
    const client = await wire.start(endless);
    const stream = client.chat.completions.stream(params, { timeouts: { idleMs: 100, chunkMs: 100 } });
    const numbers: number[] = [];
    for await (const chunk of stream) {
      if (numbers.push(numberOf(chunk)) === 3) await turn(300);
      if (numbers.length === 100) break;
    }
    expect(numbers).toEqual([...numbers.keys()]);
  });

  it('lets the server wait as often as the loop is busy', async () => {
    const client = await wire.start(endless);
    const numbers: number[] = [];
    for await (const chunk of client.chat.completions.stream(params)) {
      if (numbers.push(numberOf(chunk)) % 100 === 0) await writer.stalled();
      if (numbers.length === 300) break;
    }
    expect(numbers).toEqual([...numbers.keys()]);
  });

  it("does not hold the caller's gate, and waits while the caller does", async () => {
    const client = await wire.start(endless);
    const gate = new FlowGate();
    const iterator = client.chat.completions.stream(params, { gate })[Symbol.asyncIterator]();
    const numbers = [numberOf((await iterator.next()).value!)];
    await writer.stalled();
    expect(gate.isOpen).toBe(true);

    const release = gate.hold();
    let isWaiting: boolean;
    do {
      const pull = iterator.next().then(({ value }) => numbers.push(numberOf(value!)));
      isWaiting = await Promise.race([pull.then(() => false), turn(100).then(() => true)]);
    } while (!isWaiting);
    const stalledAt = await writer.stalled();
    const takenCount = numbers.length;
    expect(takenCount).toBeLessThan(stalledAt);
    release();
    while (numbers.length < stalledAt) numbers.push(numberOf((await iterator.next()).value!));
    expect(numbers).toEqual([...numbers.keys()]);
    await iterator.return?.();
    expect(await wire.server.closed()).toBeLessThan(50);
  });
});

describeWire('toAsyncIterable', (wire) => {
  it('iterates any pipe of a stream', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two'))));
    const texts: string[] = [];
    const source = client.chat.completions.stream(params).pipe(accumulateContent());
    for await (const text of toAsyncIterable(source)) texts.push(text);
    expect(texts).toEqual(['one ', 'one two']);
  });

  it('closes the connection at break', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const iterable = toAsyncIterable(client.chat.completions.stream(params).pipe(accumulateContent()));
    await turn(20);
    expect(wire.server.connectionCount).toBe(0);
    for await (const text of iterable) {
      expect(text).toBe('one ');
      break;
    }
    expect(await wire.server.closed()).toBeLessThan(50);
  });
});
