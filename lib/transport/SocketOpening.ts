import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';

/** Timers take no longer delays. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A socket that is being opened. */
export interface OpeningSocket {
  destroy(reason?: Error): unknown;
}

/** The opening of a socket for one exchange, until it is connected. */
export class SocketOpening {
  readonly #socket: OpeningSocket;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param connectMs - the longest that it may take, in milliseconds; `Infinity`: no limit
   * @param onTimeout - called when it has taken longer, before the socket is closed
   */
  constructor(socket: OpeningSocket, connectMs: number, onTimeout: (error: Error) => void) {
    this.#socket = socket;
    if (connectMs > MAX_TIMER_MS) return;
    this.#timer = setTimeout(() => {
      onTimeout(APIConnectionTimeoutError.after('connect', connectMs));
      socket.destroy(new Error('connect timeout'));
    }, connectMs);
  }

  /** The socket is open, or will not be. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Closes the socket. */
  destroy(reason: Error): void {
    this.stop();
    this.#socket.destroy(reason);
  }
}
