import type { Socket } from 'node:net';
import {
  constants,
  createBrotliCompress,
  createDeflate,
  createDeflateRaw,
  createGzip,
  deflateSync,
  gzipSync,
  type BrotliCompress,
  type Deflate,
} from 'node:zlib';
import { tap } from 'rxjs';
import { contentDeltas } from 'rxdelta';
import { describeWire, params } from '../support/describeWire';
import { record } from '../support/record';
import { answer, delta, event, LAST_CHUNK, response, STREAM_HEAD } from '../support/wire';

const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

const headOf = (coding: string) => STREAM_HEAD.replace('\r\n\r\n', `\r\ncontent-encoding: ${coding}\r\n\r\n`);

function writeChunk(socket: Socket, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  socket.cork();
  socket.write(`${bytes.length.toString(16)}\r\n`);
  socket.write(bytes);
  socket.write('\r\n');
  socket.uncork();
}

/** Writes a coded body, piece by piece. */
class CodedBody {
  readonly #coder: Deflate | BrotliCompress;
  readonly #flushMode: number;

  constructor(socket: Socket, coding: string, coder: Deflate | BrotliCompress) {
    this.#coder = coder;
    this.#flushMode = coding === 'br' ? constants.BROTLI_OPERATION_FLUSH : constants.Z_SYNC_FLUSH;
    socket.write(headOf(coding));
    coder.on('data', (bytes: Uint8Array) => {
      writeChunk(socket, bytes);
    });
  }

  /** Resolves when the bytes of the text are on their way. */
  write(text: string): Promise<void> {
    this.#coder.write(text);
    return new Promise((resolve) => this.#coder.flush(this.#flushMode, resolve));
  }
}

const CODERS: [string, string, () => Deflate | BrotliCompress][] = [
  ['gzip', 'gzip', createGzip],
  ['x-gzip', 'x-gzip', createGzip],
  ['deflate', 'deflate', createDeflate],
  ['deflate without a zlib header', 'deflate', createDeflateRaw],
  ['br', 'br', createBrotliCompress],
  ['gzip in capitals', 'GZIP', createGzip],
];

describeWire('a coded body', (wire) => {
  const isFetch = wire.name === 'fetch';

  it.each(CODERS)('of the coding %s is decoded token by token', async (_, coding, makeCoder) => {
    const client = await wire.start(() => undefined);
    const texts: string[] = [];
    let isComplete = false;
    client.chat.completions
      .stream(params)
      .pipe(contentDeltas())
      .subscribe({ next: (text) => texts.push(text), complete: () => (isComplete = true) });
    await wire.server.until(() => wire.server.requests.length === 1);
    const body = new CodedBody(wire.server.requestSockets[0]!, coding, makeCoder());
    for (let index = 0; index < 5; index++) {
      await body.write(delta(`token ${index} `));
      // The next one is written only when this one has come out.
      await wire.server.until(() => texts.length === index + 1);
    }
    await body.write(delta(null, 'stop') + event('[DONE]'));
    await wire.server.until(() => isComplete);
    expect(texts).toEqual([0, 1, 2, 3, 4].map((index) => `token ${index} `));
  });

  it('that comes in one piece and ends in good order leaves the connection to the next request', async () => {
    const client = await wire.start(({ socket }) => {
      socket.write(headOf('gzip'));
      writeChunk(socket, gzipSync(answer('one ', 'two')));
      socket.write(LAST_CHUNK);
    });
    for (let count = 0; count < 3; count++) {
      const recording = await record(client.chat.completions.stream(params).pipe(contentDeltas()));
      expect(recording).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
      await turn(20);
    }
    expect(wire.server.connectionCount).toBe(1);
  });

  it('byte by byte gives the same', async () => {
    const client = await wire.start(async ({ socket }) => {
      socket.write(headOf('gzip'));
      for (const byte of gzipSync(answer('one ', 'two'))) writeChunk(socket, Uint8Array.of(byte));
      socket.write(LAST_CHUNK);
    });
    const recording = await record(client.chat.completions.stream(params).pipe(contentDeltas()));
    expect(recording).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
  });

  it.each(['identity', ' ', 'IDENTITY'])('of the coding %p is taken as it is', async (coding) => {
    const client = await wire.start(({ socket }) => {
      socket.write(headOf(coding));
      writeChunk(socket, Buffer.from(answer('one ', 'two')));
    });
    const recording = await record(client.chat.completions.stream(params).pipe(contentDeltas()));
    expect(recording).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
  });

  it('of an error tells its message', async () => {
    const body = gzipSync('{"error":{"message":"Who are you?"}}');
    const client = await wire.start(({ socket }) => {
      socket.write(
        response(401, 'application/json', '', 'content-encoding: gzip\r\n').replace(
          'length: 0',
          `length: ${body.length}`,
        ),
      );
      socket.write(body);
    });
    const { error } = await record(client.chat.completions.stream(params));
    expect(error).toMatchObject({ kind: 'status', status: 401, message: 'Who are you?' });
  });

  it.each(CODERS)('of the coding %s that is cut is an error, after the text before', async (_, coding, makeCoder) => {
    const client = await wire.start(async ({ socket }) => {
      const body = new CodedBody(socket, coding, makeCoder());
      await body.write(delta('one '));
      await body.write(delta('two'));
      setImmediate(() => socket.write(LAST_CHUNK));
    });
    const { values, error, endCount } = await record(client.chat.completions.stream(params).pipe(contentDeltas()));
    // Node's own fetch takes a coding that is cut for a whole one; the rule of the end still sees that it is not.
    expect(error).toMatchObject({ kind: isFetch ? 'truncated' : 'connection', phase: 'body', requestId: 'req_1' });
    expect({ values, endCount }).toEqual({ values: ['one ', 'two'], endCount: 1 });
  });

  it.each(CODERS)('of the coding %s that breaks is an error, after the text before', async (_, coding, makeCoder) => {
    const texts: string[] = [];
    const client = await wire.start(async ({ socket }) => {
      const body = new CodedBody(socket, coding, makeCoder());
      await body.write(delta('one ') + delta('two'));
      await wire.server.until(() => texts.length === 2);
      socket.resetAndDestroy();
    });
    const stream = client.chat.completions.stream(params).pipe(contentDeltas());
    const { error, endCount } = await record(stream.pipe(tap((text) => texts.push(text))));
    expect(error).toMatchObject({ kind: 'connection', phase: 'body', requestId: 'req_1' });
    expect({ texts, endCount }).toEqual({ texts: ['one ', 'two'], endCount: 1 });
  });

  it.each(['gzip', 'deflate', 'br'])('that is not %s although it says so is an error', async (coding) => {
    const client = await wire.start(({ socket }) => {
      socket.write(headOf(coding));
      writeChunk(socket, Buffer.from(answer('one ', 'two')));
    });
    const { values, error, endCount } = await record(client.chat.completions.stream(params));
    expect(await wire.server.closed()).toBeLessThan(100);
    expect(error).toMatchObject({ requestId: 'req_1', ...(!isFetch && { kind: 'malformed', reason: 'encoding' }) });
    expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
  });

  it('that goes wrong behind [DONE] is no concern of the stream', async () => {
    const client = await wire.start(async ({ socket }) => {
      await new CodedBody(socket, 'gzip', createGzip()).write(answer('one ', 'two'));
      setTimeout(() => {
        writeChunk(socket, Buffer.from('junk'));
      }, 20);
    });
    const recording = await record(client.chat.completions.stream(params).pipe(contentDeltas()));
    await wire.server.allClosed();
    expect(recording).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
  });

  it('is closed by an unsubscription, in silence', async () => {
    const heard: unknown[] = [];
    const client = await wire.start(
      ({ socket }) => void new CodedBody(socket, 'gzip', createGzip()).write(delta('one ')),
    );
    const closed = await new Promise<number>((resolve) => {
      const subscription = client.chat.completions.stream(params).subscribe({
        next: () =>
          queueMicrotask(() => {
            subscription.unsubscribe();
            resolve(wire.server.closed());
          }),
        error: (error: unknown) => heard.push(error),
        complete: () => heard.push('complete'),
      });
    });
    expect(closed).toBeLessThan(50);
    await turn(20);
    expect(heard).toEqual([]);
  });

  it('of many events comes out in order', async () => {
    const pieces = Array.from({ length: 5_000 }, (_, index) => `${index} `);
    const coded = deflateSync(answer(...pieces));
    const client = await wire.start(({ socket }) => {
      socket.write(headOf('deflate'));
      writeChunk(socket, coded);
      socket.write(LAST_CHUNK);
    });
    const { values, isComplete } = await record(client.chat.completions.stream(params).pipe(contentDeltas()));
    expect(values).toEqual(pieces);
    expect(isComplete).toBe(true);
  });

  // fetch decodes by itself: it asks for what it can decode, takes what it does not know as it is, and drops what it has
  // not decoded yet when the body breaks.
  if (isFetch) return;

  it.each(CODERS)('of the coding %s that is cut at once is an error, after the text', async (_, coding, makeCoder) => {
    const client = await wire.start(async ({ socket }) => {
      socket.cork();
      await new CodedBody(socket, coding, makeCoder()).write(delta('one ') + delta('two'));
      socket.write(LAST_CHUNK);
      socket.uncork();
    });
    const { values, error, endCount } = await record(client.chat.completions.stream(params).pipe(contentDeltas()));
    expect(error).toMatchObject({ kind: 'connection', phase: 'body', requestId: 'req_1' });
    expect({ values, endCount }).toEqual({ values: ['one ', 'two'], endCount: 1 });
  });

  it.each(CODERS)('of the coding %s that breaks at once is an error, after the text', async (_, coding, makeCoder) => {
    const client = await wire.start(async ({ socket }) => {
      const body = new CodedBody(socket, coding, makeCoder());
      await body.write(delta('one ') + delta('two'));
      socket.end();
    });
    const { values, error, endCount } = await record(client.chat.completions.stream(params).pipe(contentDeltas()));
    expect(error).toMatchObject({ kind: 'connection', phase: 'body', requestId: 'req_1' });
    expect({ values, endCount }).toEqual({ values: ['one ', 'two'], endCount: 1 });
  });

  it('is not asked for', async () => {
    const client = await wire.start(({ socket }) => socket.write(response(500, '', '')));
    await record(client.chat.completions.stream(params));
    expect(wire.server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it.each(['zstd', 'gzip, br', 'compress'])('of the unknown coding %p is an error', async (coding) => {
    const client = await wire.start(({ socket }) => {
      socket.write(headOf(coding));
      writeChunk(socket, Buffer.from('whatever'));
    });
    const { error, endCount } = await record(client.chat.completions.stream(params));
    expect(await wire.server.closed()).toBeLessThan(100);
    expect(error).toMatchObject({ kind: 'malformed', reason: 'encoding', requestId: 'req_1' });
    expect(endCount).toBe(1);
  });
});
