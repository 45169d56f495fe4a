import type { Socket } from 'node:net';
import { delta, httpChunk, STREAM_HEAD } from './wire';

/** More than the buffers of two sockets hold: whoever takes this much does not wait for anybody. */
const MAX_BYTES = 96 * 1024 * 1024;
/** A socket that has taken nothing for so long has stalled, in milliseconds. */
const QUIET_MS = 100;

/** Writes deltas without end, numbered from 0, as fast as the socket takes them. */
export class EndlessWriter {
  /** How many deltas the socket was given. */
  count = 0;
  readonly #socket: Socket;
  readonly #padding: string;

  /** @param deltaBytes - about the size of each delta */
  constructor(socket: Socket, deltaBytes = 16 * 1024) {
    this.#socket = socket;
    this.#padding = 'x'.repeat(deltaBytes);
    socket.write(STREAM_HEAD);
    this.#write();
  }

  /** The numbers of the deltas, for `contentDeltas()` of a stream. */
  static numbers(texts: string[]): number[] {
    return texts.map((text) => parseInt(text));
  }

  /** Whether as much was written as no buffers hold. */
  get isUnbounded(): boolean {
    return this.#socket.bytesWritten > MAX_BYTES;
  }

  /** Resolves with the count once the client takes no more; rejects when it takes everything. */
  async stalled(): Promise<number> {
    for (let before = -1; before !== this.count || !this.#socket.writableNeedDrain;) {
      if (this.isUnbounded) throw new Error(`The client has taken ${MAX_BYTES} bytes`);
      if (this.#socket.destroyed) throw new Error('The client has closed the connection');
      before = this.count;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
    return this.count;
  }

  #write(): void {
    while (!this.#socket.destroyed && !this.isUnbounded) {
      if (!this.#socket.write(httpChunk(delta(`${this.count++} ${this.#padding}`)))) {
        this.#socket.once('drain', () => {
          this.#write();
        });
        return;
      }
    }
  }
}
