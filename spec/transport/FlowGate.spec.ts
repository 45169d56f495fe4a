import type { Socket } from 'node:net';
import { tap } from 'rxjs';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  contentDeltas,
  FlowGate,
  type Client,
  type Timeouts,
} from 'rxdelta';
import { describeWire, params } from '../support/describeWire';
import { EndlessWriter } from '../support/EndlessWriter';
import { record } from '../support/record';
import { answer, delta, event, httpChunk, LAST_CHUNK, response, sendAnswer, STREAM_HEAD } from '../support/wire';

const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

describe('FlowGate', () => {
  it('is open while nobody holds it', () => {
    const gate = new FlowGate();
    const seen: boolean[] = [gate.isOpen];
    const release = gate.hold();
    seen.push(gate.isOpen);
    const releaseToo = gate.hold();
    release();
    seen.push(gate.isOpen);
    releaseToo();
    seen.push(gate.isOpen);
    expect(seen).toEqual([true, false, false, true]);
  });

  it('takes a second release by the same holder for nothing', () => {
    const gate = new FlowGate();
    const release = gate.hold();
    gate.hold();
    release();
    release();
    expect(gate.isOpen).toBe(false);
  });

  it('takes a second release for nothing also where it comes out of the first one', () => {
    const gate = new FlowGate();
    const release = gate.hold();
    gate.open$.subscribe((isOpen) => {
      if (isOpen) release();
    });
    release();
    expect(gate.isOpen).toBe(true);
    gate.hold();
    expect(gate.isOpen).toBe(false);
  });

  it('tells the current value first, then each change', () => {
    const gate = new FlowGate();
    const early: boolean[] = [];
    const late: boolean[] = [];
    gate.open$.subscribe((isOpen) => early.push(isOpen));
    const releases = [gate.hold(), gate.hold()];
    gate.open$.subscribe((isOpen) => late.push(isOpen));
    for (const release of releases) release();
    gate.hold()();
    expect(early).toEqual([true, false, true, false, true]);
    expect(late).toEqual([false, true, false, true]);
  });

  it.each([
    ['holds at once', false],
    ['holds and lets go again', true],
  ])('tells each subscriber what is true, though the one before it %s', (_label, isReleased) => {
    const gate = new FlowGate();
    const release = gate.hold();
    let releaseAgain: (() => void) | undefined;
    gate.open$.subscribe((isOpen) => {
      if (!isOpen || releaseAgain) return;
      releaseAgain = gate.hold();
      if (isReleased) releaseAgain();
    });
    const pairs: boolean[][] = [];
    gate.open$.subscribe((isOpen) => pairs.push([isOpen, gate.isOpen]));
    release();
    expect(pairs).toEqual(
      isReleased
        ? [
            [false, false],
            [true, true],
          ]
        : [[false, false]],
    );
    expect(gate.isOpen).toBe(isReleased);
  });

  it('agrees with what it tells while it tells it', () => {
    const gate = new FlowGate();
    const pairs: boolean[][] = [];
    gate.open$.subscribe((isOpen) => pairs.push([isOpen, gate.isOpen]));
    gate.hold()();
    expect(pairs).toEqual([
      [true, true],
      [false, false],
      [true, true],
    ]);
  });
});

describeWire('a gate on a stream', (wire) => {
  let gate: FlowGate;
  let writer: EndlessWriter;

  beforeEach(() => {
    gate = new FlowGate();
  });

  /** A stream of an endless answer, with the numbers that have come. */
  async function startEndless() {
    const client = await wire.start(({ socket }) => {
      writer = new EndlessWriter(socket);
    });
    const numbers: number[] = [];
    const heard: unknown[] = [];
    const stream = client.chat.completions.stream(params, { gate }).pipe(contentDeltas());
    const subscribe = (onNumber?: (number: number) => void) =>
      stream.subscribe({
        next: (text) => {
          numbers.push(parseInt(text));
          onNumber?.(parseInt(text));
        },
        error: (error: unknown) => heard.push(error),
        complete: () => heard.push('complete'),
      });
    return { numbers, heard, subscribe };
  }

  it('that is held before the request lets it be sent, and nothing be read', async () => {
    const release = gate.hold();
    const { numbers, heard, subscribe } = await startEndless();
    const subscription = subscribe();
    await wire.server.until(() => wire.server.requests.length === 1);
    const stalledAt = await writer.stalled();
    expect(numbers).toEqual([]);

    release();
    await wire.server.until(() => numbers.length > stalledAt);
    subscription.unsubscribe();
    expect(numbers).toEqual([...numbers.keys()]);
    expect(await wire.server.closed()).toBeLessThan(50);
    expect(heard).toEqual([]);
  });

  it('that is held in the middle lets no further chunk through, and the server wait', async () => {
    const { numbers, heard, subscribe } = await startEndless();
    let release!: () => void;
    const subscription = subscribe((number) => {
      if (number === 20) release = gate.hold();
    });
    await wire.server.until(() => numbers.length > 20);
    const stalledAt = await writer.stalled();
    // A read that is under way is passed on as a whole: it may hold a few chunks more.
    const heldAt = numbers.length;
    expect(heldAt).toBeLessThan(20 + 32);
    await turn(50);
    expect(numbers).toHaveLength(heldAt);

    release();
    await wire.server.until(() => numbers.length > stalledAt);
    subscription.unsubscribe();
    expect(numbers).toEqual([...numbers.keys()]);
    expect(await wire.server.closed()).toBeLessThan(50);
    expect(heard).toEqual([]);
  });

  it('may be held and released for each chunk, and nothing is lost', async () => {
    const { numbers, heard, subscribe } = await startEndless();
    const subscription = subscribe(() => setImmediate(gate.hold()));
    await wire.server.until(() => numbers.length > 200);
    subscription.unsubscribe();
    expect(numbers).toEqual([...numbers.keys()]);
    expect(heard).toEqual([]);
  });

  it('may be released and held again in the same tick', async () => {
    const { numbers, heard, subscribe } = await startEndless();
    let release = gate.hold();
    const subscription = subscribe();
    await wire.server.until(() => wire.server.requests.length === 1);
    await writer.stalled();
    release();
    release = gate.hold();
    await turn(50);
    expect(numbers).toEqual([]);
    release();
    await wire.server.until(() => numbers.length > 100);
    subscription.unsubscribe();
    expect(numbers).toEqual([...numbers.keys()]);
    expect(heard).toEqual([]);
  });

  it('serves several streams: all of them wait', async () => {
    const client = await wire.start(({ socket }) => {
      sendAnswer(socket, 'one ', 'two');
    });
    const release = gate.hold();
    const count = { ended: 0 };
    const recordings = [1, 2, 3].map(() =>
      record(client.chat.completions.stream(params, { gate }).pipe(contentDeltas())).finally(() => count.ended++),
    );
    await wire.server.until(() => wire.server.requests.length === 3);
    await turn(50);
    expect(count.ended).toBe(0);
    release();
    for (const { values, isComplete } of await Promise.all(recordings)) {
      expect({ values, isComplete }).toEqual({ values: ['one ', 'two'], isComplete: true });
    }
  });

  it('holds back the completion of a whole answer, and loses nothing of it', async () => {
    const client = await wire.start(({ socket }) => {
      sendAnswer(socket, 'one ', 'two');
      socket.end();
    });
    const release = gate.hold();
    let hasEnded = false;
    const recording = record(client.chat.completions.stream(params, { gate }).pipe(contentDeltas()));
    void recording.then(() => (hasEnded = true));
    await wire.server.until(() => wire.server.requests.length === 1);
    await turn(50);
    expect(hasEnded).toBe(false);
    release();
    expect(await recording).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
  });

  it('that is held lets an unsubscription close the connection', async () => {
    const { numbers, heard, subscribe } = await startEndless();
    const release = gate.hold();
    const subscription = subscribe();
    await wire.server.until(() => wire.server.requests.length === 1);
    await writer.stalled();
    subscription.unsubscribe();
    expect(await wire.server.closed()).toBeLessThan(50);
    release();
    await turn();
    expect({ numbers, heard }).toEqual({ numbers: [], heard: [] });
  });

  it('that is held lets a signal end the stream', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const controller = new AbortController();
    gate.hold();
    const recording = record(client.chat.completions.stream(params, { gate, signal: controller.signal }));
    await wire.server.until(() => wire.server.requests.length === 1);
    controller.abort();
    expect(await wire.server.closed()).toBeLessThan(50);
    expect(await recording).toMatchObject({ error: { kind: 'abort' }, endCount: 1 });
  });

  it('that is held in silence keeps back what comes then', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const texts: string[] = [];
    const subscription = client.chat.completions
      .stream(params, { gate })
      .pipe(contentDeltas())
      .subscribe((text) => texts.push(text));
    await wire.server.until(() => texts.length === 1);
    const release = gate.hold();
    wire.server.requestSockets[0]?.write(httpChunk(delta('two ')));
    await turn(50);
    expect(texts).toEqual(['one ']);
    release();
    await wire.server.until(() => texts.length === 2);
    wire.server.requestSockets[0]?.write(httpChunk(delta('three')));
    await wire.server.until(() => texts.length === 3);
    subscription.unsubscribe();
    expect(texts).toEqual(['one ', 'two ', 'three']);
  });

  it('that is held while the server resets ends in an error, after the chunks before it', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const recording = record(
      client.chat.completions.stream(params, { gate }).pipe(
        contentDeltas(),
        tap(() => {
          const release = gate.hold();
          setTimeout(() => wire.server.requestSockets[0]?.resetAndDestroy(), 20);
          setTimeout(release, 60);
        }),
      ),
    );
    const { values, error, endCount } = await recording;
    expect(error).toBeInstanceOf(APIConnectionError);
    expect(error).toMatchObject({ kind: 'connection', phase: 'body', requestId: 'req_1' });
    expect({ values, endCount }).toEqual({ values: ['one '], endCount: 1 });
  });

  it('that is held while the server closes too early ends in an error', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const release = gate.hold();
    const recording = record(client.chat.completions.stream(params, { gate }).pipe(contentDeltas()));
    await wire.server.until(() => wire.server.requests.length === 1);
    await turn(20);
    wire.server.requestSockets[0]?.end(LAST_CHUNK);
    await turn(20);
    release();
    const { values, error, endCount } = await recording;
    expect(error).toMatchObject({ kind: 'truncated', chunkCount: 1 });
    expect({ values, endCount }).toEqual({ values: ['one '], endCount: 1 });
  });

  it.each<[string, string, object]>([
    [
      'a refusal',
      response(429, 'application/json', '{"error":{"message":"Spent","code":"insufficient_quota"}}'),
      { kind: 'status', status: 429, message: 'Spent', code: 'insufficient_quota', retryable: false },
    ],
    [
      'an error in place of a stream',
      response(200, 'application/json', '{"error":{"message":"Spent"}}'),
      { kind: 'stream', message: 'Spent' },
    ],
  ])('that is held does not keep back the words of %s', async (_, answered, said) => {
    const client = await wire.start(({ socket }) => socket.write(answered));
    gate.hold();
    const { error, endCount } = await record(client.chat.completions.stream(params, { gate }));
    expect(error).toMatchObject(said);
    expect(endCount).toBe(1);
  });

  describe.each(['close', 'length', 'chunked'] as const)('a connection whose body ends by its %s,', (framing) => {
    const first = Array.from({ length: 20 }, (_, index) => delta(`${index} `)).join('');
    const rest = delta(null, 'stop');
    const framed = (text: string) => (framing === 'chunked' ? httpChunk(text) : text);
    const headers = {
      close: 'connection: close\r\n',
      length: `content-length: ${(first + rest).length}\r\n`,
      chunked: 'connection: close\r\ntransfer-encoding: chunked\r\n',
    };
    const start = (end: (socket: Socket) => void) =>
      wire.start(async ({ socket }) => {
        const type = 'content-type: text/event-stream\r\n';
        socket.write(`HTTP/1.1 200 OK\r\n${type}${headers[framing]}\r\n${framed(first)}`);
        await turn(20);
        socket.write(framed(rest) + (framing === 'chunked' ? LAST_CHUNK : ''));
        await turn(20);
        end(socket);
      });
    /** Reads with a loop that is so slow that the connection has ended before its first turn has. */
    async function readSlowly(client: Client) {
      let count = 0;
      try {
        for await (const chunk of client.chat.completions.stream(params)) {
          if (chunk.choices.length > 0 && count++ === 0) await turn(100);
        }
        return { count, end: 'complete' };
      } catch (error) {
        return { count, end: (error as APIConnectionError).kind };
      }
    }

    it('and ends in good order while the stream is held, loses nothing', async () => {
      const client = await start((socket) => socket.end());
      expect(await readSlowly(client)).toEqual({ count: 21, end: 'complete' });
    });

    it('and is reset while the stream is held, gives what was read, then an error of the connection', async () => {
      const client = await start((socket) => socket.resetAndDestroy());
      const { count, end } = await readSlowly(client);
      expect(count).toBeGreaterThanOrEqual(20);
      // What had come may have been the whole.
      expect(end).toBe(count === 21 ? 'complete' : 'connection');
    });
  });

  it('that is held after the end is no concern of the stream', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two'))));
    const texts: string[] = [];
    await new Promise<void>((resolve) => {
      client.chat.completions
        .stream(params, { gate })
        .pipe(contentDeltas())
        .subscribe({
          next: (text) => texts.push(text),
          complete: () => {
            gate.hold();
            resolve();
          },
        });
    });
    expect(texts).toEqual(['one ', 'two']);
    expect(await wire.server.closed()).toBeLessThan(600);
  });

  it('that is held at the end costs no connection', async () => {
    const client = await wire.start(({ socket }) => {
      socket.write(STREAM_HEAD + httpChunk(answer('one ', 'two')));
      setTimeout(() => socket.write(LAST_CHUNK), 30);
    });
    for (let request = 0; request < 3; request++) {
      const held = new FlowGate();
      const stream = client.chat.completions.stream(params, { gate: held }).pipe(tap(() => held.hold()));
      expect(await record(stream)).toMatchObject({ isComplete: true });
      await turn(100);
    }
    expect(wire.server.connectionCount).toBe(1);
  });

  it('serves events() and withResponse() as well', async () => {
    const client = await wire.start(({ socket }) => {
      sendAnswer(socket, 'one ');
    });
    const stream = client.chat.completions.stream(params, { gate });
    const release = gate.hold();
    let eventCount = 0;
    const events = record(stream.events()).finally(() => eventCount++);
    const head = await new Promise<any>((resolve) => stream.withResponse().subscribe(resolve));
    const chunks = record(head.chunks).finally(() => eventCount++);
    await turn(30);
    expect(eventCount).toBe(0);
    release();
    expect((await events).values).toHaveLength(3);
    expect((await chunks).values).toHaveLength(2);
  });

  describe('holds up the limit', () => {
    /** Holds the gate for a time from the first chunk on; how long after that, and after the release, the stream ended. */
    async function holdAcross(timeouts: Partial<Timeouts>, holdMs: number) {
      const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
      let releasedAt = Infinity;
      const recording = record(client.chat.completions.stream(params, { gate, timeouts }));
      await wire.server.until(() => wire.server.requests.length === 1);
      const release = gate.hold();
      const start = performance.now();
      setTimeout(() => {
        releasedAt = performance.now();
        release();
      }, holdMs);
      const { error, endCount } = await recording;
      expect(await wire.server.closed()).toBeLessThan(50);
      expect(error).toBeInstanceOf(APIConnectionTimeoutError);
      expect(endCount).toBe(1);
      return { error, sinceHold: performance.now() - start, sinceRelease: performance.now() - releasedAt };
    }

    it.each(['idle', 'chunk'] as const)('%sMs, which begins anew with the release', async (phase) => {
      const { error, sinceRelease } = await holdAcross({ [`${phase}Ms`]: 100 }, 200);
      expect(error).toMatchObject({ phase });
      expect(sinceRelease).toBeGreaterThan(95);
      expect(sinceRelease).toBeLessThan(300);
    });

    it('but not totalMs, which runs on', async () => {
      const { error, sinceHold } = await holdAcross({ totalMs: 100 }, 1_000);
      expect(error).toMatchObject({ phase: 'total' });
      expect(sinceHold).toBeLessThan(900);
    });

    it('but not responseMs, since the head is read all the same', async () => {
      const client = await wire.start(() => undefined);
      gate.hold();
      const stream = client.chat.completions.stream(params, { gate, timeouts: { responseMs: 100 } });
      expect((await record(stream)).error).toMatchObject({ kind: 'timeout', phase: 'head' });
    });
  });

  it('that was held longer than a limit finds the stream alive', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const release = gate.hold();
    const stream = client.chat.completions.stream(params, { gate, timeouts: { idleMs: 50, chunkMs: 50 } });
    const recording = record(stream.pipe(contentDeltas()));
    await wire.server.until(() => wire.server.requests.length === 1);
    await turn(150);
    wire.server.requestSockets[0]?.write(httpChunk(delta('two', 'stop') + event('[DONE]')) + LAST_CHUNK);
    release();
    expect(await recording).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
  });
});
