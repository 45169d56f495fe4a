import type { Socket } from 'node:net';
import { ChildProgram } from '../support/ChildProgram';
import type { SlowReading } from '../support/slowProgram';
import { answer, delta, httpChunk, LAST_CHUNK, STREAM_HEAD } from '../support/wire';
import { WireServer } from '../support/WireServer';

const MEBI = 1024 * 1024;
const EVENTS_PER_WRITE = 200;
/** At one millisecond for each; the rest is taken as fast as it comes. */
const SLOW_COUNT = 2_000;
/** The buffers of two sockets, and what Node reads ahead: whoever takes no more than this has stalled. */
const BUFFERED_BYTES = 6 * MEBI;
/** So much may wait to be collected. */
const GARBAGE_MIB = 48;

describe('a consumer that is slower than the server', () => {
  /** Writes numbered deltas, an HTTP chunk each, as fast as the socket takes them. */
  function pour(socket: Socket, count: number, from = 0): void {
    for (let number = from; number < count && !socket.destroyed; number += EVENTS_PER_WRITE) {
      const deltas = Array.from({ length: EVENTS_PER_WRITE }, (_, index) => delta(String(number + index)));
      if (!socket.write(deltas.map(httpChunk).join(''))) {
        socket.once('drain', () => {
          pour(socket, count, number + EVENTS_PER_WRITE);
        });
        return;
      }
    }
    socket.write(httpChunk(answer()) + LAST_CHUNK);
  }

  it.each([
    { count: 1_000_000, way: 'mapped', transport: 'undici' },
    { count: 1_000_000, way: 'iterated', transport: 'undici' },
    { count: 200_000, way: 'mapped', transport: 'fetch' },
    { count: 200_000, way: 'iterated', transport: 'fetch' },
  ])(
    'makes a server wait that has $count events, and gets them all: $way, through $transport',
    async ({ count, way, transport }) => {
      const server = await WireServer.start(({ socket }) => {
        socket.write(STREAM_HEAD);
        pour(socket, count);
      });
      const program = new ChildProgram('slowProgram.ts', [transport, server.url, way, `${SLOW_COUNT}`], {}, 150_000);
      try {
        await program.printed('slow part is over');
        expect(server.requestSockets[0]?.bytesWritten).toBeLessThan(BUFFERED_BYTES);
        expect(server.requestSockets[0]?.writableNeedDrain).toBe(true);
        const { stdout, stderr, code } = await program.ended;
        expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
        const { inOrder, keptMiB, grownMiB } = JSON.parse(stdout.split('\n')[1] ?? '') as SlowReading;
        expect(inOrder).toBe(count);
        expect(keptMiB).toBeLessThan(16);
        expect(grownMiB).toBeLessThan(16 + GARBAGE_MIB);
      } finally {
        program.kill();
        await server.close();
      }
    },
    160_000,
  );
});
