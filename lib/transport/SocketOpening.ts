import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';

/** Timers take no longer delays. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A socket that is being opened. */
export interface OpeningSocket {
  destroy(reason?: Error): unknown;
}

/** The opening of a socket for one exchange, from its beginning until it is connected. */
export class SocketOpening {
  readonly #connectMs: number;
  readonly #onTimeout: (error: Error) => void;
  #socket: OpeningSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param connectMs - the longest that it may take, in milliseconds; `Infinity`: no limit */
  constructor(connectMs: number, onTimeout: (error: Error) => void) {
    this.#connectMs = connectMs;
    this.#onTimeout = onTimeout;
  }

  start(socket: OpeningSocket): void {
    this.#socket = socket;
    if (this.#connectMs > MAX_TIMER_MS) return;
    this.#timer = setTimeout(() => {
      this.#onTimeout(APIConnectionTimeoutError.after('connect', this.#connectMs));
      socket.destroy(new Error('connect timeout'));
    }, this.#connectMs);
  }

  /** The socket is open, or will not be. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#socket = undefined;
  }

  /** Closes the socket if it is still being opened. */
  destroy(reason: Error): void {
    this.#socket?.destroy(reason);
    this.stop();
  }
}
