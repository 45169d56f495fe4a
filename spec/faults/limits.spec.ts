import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { contentDeltas, isAPIError } from 'rxdelta';
import { ChildProgram } from '../support/ChildProgram';
import { cutInto } from '../support/decoding';
import { describeWire } from '../support/describeWire';
import type { Cost } from '../support/limitsProgram';
import { record } from '../support/record';
import { answer, delta, event, httpChunk, LAST_CHUNK, response, sendAnswer, STREAM_HEAD } from '../support/wire';
import { WireServer } from '../support/WireServer';

const MEBI = 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
const TOO_LARGE = 'MalformedStreamError event-too-large';

describe('an answer without end', () => {
  const LIMIT = 8 * MEBI;
  /** As long as the longest of the others is read. */
  const SMALL_EVENTS_BYTES = 48 * MEBI;
  /** So much may wait to be collected: a young generation of V8, and the buffers of a fetch that is faster than the collector. */
  const GARBAGE_BYTES = 48 * MEBI;
  /** Whoever takes so much takes everything. */
  const ENDLESS_BYTES = 256 * MEBI;
  const ERROR_HEAD = 'HTTP/1.1 500 X\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';

  interface Row {
    what: string;
    head?: string;
    start?: string;
    more: string;
    /** How much of it the process may hold. */
    maxHeld?: number;
    error?: string;
  }
  const rows: Row[] = [
    { what: 'one line', start: 'data: ', more: 'x' },
    { what: 'one line of wide characters', start: 'data: ', more: '面' },
    { what: 'one comment', start: ':', more: ' ' },
    { what: 'one event of long lines', more: `data: ${'x'.repeat(1000)}\n` },
    { what: 'one event of tiny lines', more: 'data: x\n' },
    { what: 'one event of tiny lines that end in CR', more: 'data: x\r' },
    { what: 'one event of empty lines', more: 'data:\n' },
    { what: 'the body of an error', head: ERROR_HEAD, start: '{"error":{"message":"', more: 'x', maxHeld: MEBI },
    { what: 'the page of an error', head: ERROR_HEAD, start: '<html>', more: '<br>\n', maxHeld: MEBI },
  ];

  for (const transport of ['undici', 'fetch']) {
    it.each(rows)(
      `costs less than three times maxEventBytes and is closed: $what, through ${transport}`,
      async (row) => {
        const { head = STREAM_HEAD, start = '', more, maxHeld = 3 * LIMIT } = row;
        const server = await WireServer.start(({ socket, index }) => {
          socket.write((index > 0 ? head : STREAM_HEAD) + (index > 0 && start ? httpChunk(start) : ''));
          if (index > 0) pour(socket, more, ENDLESS_BYTES);
          else pour(socket, delta('x'.repeat(1000)), SMALL_EVENTS_BYTES);
        });
        const program = new ChildProgram('limitsProgram.ts', [transport, server.url, `${LIMIT}`]);
        try {
          // A program that is ended for having taken too long prints nothing more.
          await Promise.race([program.printed('waiting'), program.ended]);
          const { requestSockets } = server;
          await server.until(() => requestSockets.slice(1).every(({ closed }) => closed));
          program.signal();
          const { stdout, stderr, code } = await program.ended;
          expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
          const { errors, heldMiB, grownMiB } = JSON.parse(stdout.replace('waiting\n', '')) as Cost;
          expect(errors).toEqual([head === ERROR_HEAD ? 'APIStatusError' : TOO_LARGE]);
          expect(requestSockets).toHaveLength(3);
          expect(heldMiB * MEBI).toBeLessThan(maxHeld);
          expect(grownMiB * MEBI).toBeLessThan(3 * LIMIT + GARBAGE_BYTES);
        } finally {
          program.kill();
          await server.close();
        }
      },
    );
  }

  /** Writes the same again and again, as fast as it is taken, and the end of an answer when that was enough. */
  function pour(socket: Socket, text: string, size: number): void {
    const piece = Buffer.from(httpChunk(text.repeat(Math.ceil(PIECE_BYTES / text.length))));
    const write = () => {
      while (!socket.destroyed) {
        if (socket.bytesWritten > size) {
          socket.write(httpChunk(answer('')) + LAST_CHUNK);
          return;
        }
        if (!socket.write(piece)) {
          socket.once('drain', write);
          return;
        }
      }
    };
    write();
  }
});

describeWire('the largest event', (wire) => {
  const padding = {
    ASCII: 'x',
    'two-byte characters': 'ö',
    'three-byte characters': '面',
    'four-byte characters': '😀',
  };

  /** A delta whose JSON has exactly so many bytes. */
  function deltaOf(size: number, character: string): Buffer {
    const dataBytes = (content: string) => Buffer.byteLength(delta(content)) - 'data: \n\n'.length;
    const wide = character.repeat(Math.floor((size - dataBytes('')) / Buffer.byteLength(character)));
    return Buffer.from(delta(wide + 'x'.repeat(size - dataBytes(wide))));
  }

  /** What comes of a small delta, a large one and the rest, when the large one is cut into so many HTTP chunks. */
  async function verdict(large: Buffer, chunkCount: number, maxEventBytes: number): Promise<unknown> {
    const client = await wire.start(({ socket }) => {
      socket.write(STREAM_HEAD + httpChunk(delta('before')));
      for (const cut of cutInto(large, chunkCount)) {
        socket.write(Buffer.concat([Buffer.from(`${cut.length.toString(16)}\r\n`), cut, Buffer.from('\r\n')]));
      }
      socket.write(httpChunk(answer('after')));
    });
    const stream = client.chat.completions.stream({ model: 'm', messages: [] }, { maxEventBytes });
    const { values, error, isComplete, endCount } = await record(stream.pipe(contentDeltas()));
    if (error) await wire.server.closed();
    const sizes = values.map((text) =>
      text.length < 10 ? text : Buffer.byteLength(delta(text)) - 'data: \n\n'.length,
    );
    return { sizes, error: isAPIError(error) ? error.toJSON() : error, isComplete, endCount };
  }

  const whole = (size: number) => ({
    ...{ sizes: ['before', size, 'after'], error: undefined, isComplete: true, endCount: 1 },
  });
  const refused = (size: number) => ({
    sizes: ['before'],
    error: {
      ...{ name: 'MalformedStreamError', kind: 'malformed', reason: 'event-too-large', retryable: false },
      ...{ message: `Event of more than ${size} bytes`, requestId: 'req_1' },
    },
    isComplete: false,
    endCount: 1,
  });

  describe.each([4 * 1024, MEBI])('of %i bytes', (size) => {
    it.each(Object.entries(padding))(
      'passes in 1, 2 and 1,000 reads, one byte more does not: %s',
      async (_, character) => {
        for (const count of [1, 2, 1000]) {
          expect(await verdict(deltaOf(size, character), count, size)).toEqual(whole(size));
          expect(await verdict(deltaOf(size + 1, character), count, size)).toEqual(refused(size));
        }
      },
    );
  });

  it.each([1, 2, 1000])('passes with 5 MB in %i reads under the limit that holds unless set', async (count) => {
    const size = 5_000_000;
    const client = await wire.start(({ socket }) => {
      socket.write(STREAM_HEAD);
      for (const cut of cutInto(deltaOf(size, 'x'), count)) socket.write(httpChunk(Buffer.from(cut).toString()));
      socket.write(httpChunk(delta(null, 'stop') + event('[DONE]')) + LAST_CHUNK);
    });
    const { values, error } = await record(
      client.chat.completions.stream({ model: 'm', messages: [] }).pipe(contentDeltas()),
    );
    expect(error).toBeUndefined();
    expect(values.map((text) => Buffer.byteLength(delta(text)) - 'data: \n\n'.length)).toEqual([size]);
  });
});

describeWire('a request of 20 MB', (wire) => {
  const text = 'Wörter, 面 und 😀. '.repeat(900_000);
  const params = { model: 'm', messages: [{ role: 'user' as const, content: text }] };
  const hash = (body: string) => createHash('sha256').update(body).digest('hex');

  it('arrives as it was', async () => {
    const client = await wire.start(({ socket }) => {
      sendAnswer(socket, 'one ', 'two');
    });
    const { values, isComplete } = await record(client.chat.completions.stream(params).pipe(contentDeltas()));
    expect({ values, isComplete }).toEqual({ values: ['one ', 'two'], isComplete: true });
    const { body = '', headers = {} } = wire.server.requests[0] ?? {};
    expect(Number(headers['content-length'])).toBeGreaterThan(20_000_000);
    expect(hash(body)).toBe(hash(JSON.stringify({ ...params, stream: true })));
  });

  it('that is refused in its own words ends soon, and keeps the words out of the error', async () => {
    const words = `Too large: ${text.slice(0, 60_000)}`;
    const client = await wire.start(({ socket }) => {
      socket.write(response(413, 'application/json', JSON.stringify({ error: { message: words } })));
    });
    const before = process.cpuUsage();
    const { error, endCount } = await record(client.chat.completions.stream(params));
    const { user } = process.cpuUsage(before);
    expect(error).toMatchObject({ name: 'APIStatusError', status: 413 });
    expect(endCount).toBe(1);
    expect(JSON.stringify(error)).not.toContain('Wörter');
    // Of its own time, in microseconds: a busy machine gives it little. To search all of the text would take minutes.
    expect(user).toBeLessThan(10_000_000);
  });

  it('is given up in the middle when it is unsubscribed', async () => {
    const client = await wire.start(() => undefined);
    const heard: unknown[] = [];
    const subscription = client.chat.completions.stream(params).subscribe({
      error: (error: unknown) => heard.push(error),
      complete: () => heard.push('complete'),
    });
    await wire.server.until(() => [...wire.server.sockets].some(({ bytesRead }) => bytesRead > 0));
    subscription.unsubscribe();
    await wire.server.until(() => [...wire.server.sockets].every(({ bytesRead }) => bytesRead === 0));
    expect(heard).toEqual([]);
    expect(wire.server.requests).toEqual([]);
  });
});
