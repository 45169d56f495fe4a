/** What is used of a socket. */
export interface ReadableSocket {
  read(size?: number): unknown;
  emit(event: 'readable'): unknown;
}

/**
 * Holds back what a socket has received, so that TCP pushes back on the server. undici's own pause is not used: it stands in
 * the middle of a read, whose rest goes back into the socket, and undici 7 fails an assertion, out of anybody's reach, when the
 * connection ends meanwhile. Here the end of the connection waits in the socket too, behind what it has received.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/stream.html#readablereadsize
 */
export class HeldSocket {
  readonly #socket: ReadableSocket;
  #isOwed = false;

  /** @param isHeld - asked before each read */
  constructor(socket: ReadableSocket, isHeld: () => boolean) {
    this.#socket = socket;
    const read = socket.read.bind(socket);
    socket.read = (size) => {
      this.#isOwed = isHeld();
      return this.#isOwed ? null : read(size);
    };
  }

  /** Has the reader try again, if it was given nothing. */
  release(): void {
    if (!this.#isOwed) return;
    this.#isOwed = false;
    this.#socket.emit('readable');
  }
}
