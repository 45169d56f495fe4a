import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { freePort } from '../freePort';
import { closeOf, ownTime, parseRequest, type WireRequest } from '../sockets';

/** Where the servers of a play are, for bytes that name a place. */
interface Places {
  /** The origin that is asked. */
  own: string;
  /** Another origin, where nobody may go. */
  other: string;
}

/** One thing that a server does with a connection. */
export type Step =
  /** Writes bytes, and goes on when they have left. */
  | string
  | Uint8Array
  | ((places: Places) => string)
  | { waitMs: number }
  /** Writes the same bytes over and over, as fast as the client takes them, or one at a time. */
  | { repeat: string | Uint8Array; times: number; everyMs?: number }
  | { act: Act };

type Act = 'end' | 'reset' | 'destroy' | 'stall' | 'pause';

/** Ends its side in good order. */
export const END = { act: 'end' } as const;
/** Breaks the connection. */
export const RESET = { act: 'reset' } as const;
/** Closes the connection, with all that was not sent. */
export const DESTROY = { act: 'destroy' } as const;
/** Does nothing any more. */
export const STALL = { act: 'stall' } as const;
/** Reads no more of what the client sends. */
export const PAUSE = { act: 'pause' } as const;

/** All that a server does. */
export interface Play {
  /** What it does with a connection before any request has come. Then requests are read, but not answered. */
  atOnce?: Step[];
  /** What it does with each request, in turn; the last also with all that follow. */
  answers?: Step[][];
  /** It listens no longer. */
  isRefused?: boolean;
  /** It is asked for TLS, which it does not speak. */
  isAskedForTLS?: boolean;
}

/** Plays faults on bare sockets: every byte is the play's. It listens on loopback and notes each request. */
export class FaultServer {
  readonly requests: WireRequest[] = [];
  /** The socket of each request. */
  readonly requestSockets: Socket[] = [];
  /** The sockets that are open. */
  readonly sockets = new Set<Socket>();
  /** How many connections were accepted in all. */
  connectionCount = 0;
  /** What was begun to be played. */
  readonly #acts: Promise<void>[] = [];
  readonly #server: Server;
  readonly #play: Play;
  readonly #other: string;
  #port = 0;

  private constructor(play: Play, other: string) {
    this.#play = play;
    this.#other = other;
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
  }

  /** @param other - the origin that a play may name besides its own */
  static async start(play: Play, other = ''): Promise<FaultServer> {
    const server = new FaultServer(play, other);
    server.#server.listen(play.isRefused ? await freePort() : 0, '127.0.0.1');
    await once(server.#server, 'listening');
    server.#port = (server.#server.address() as AddressInfo).port;
    if (play.isRefused) await server.close();
    return server;
  }

  get origin(): string {
    return `${this.#play.isAskedForTLS ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  /** Resolves when no connection is open that was asked for something, with the time it took in milliseconds. */
  closed(): Promise<number> {
    const asked = this.#play.atOnce ? [...this.sockets] : this.requestSockets;
    // Who does not read does not hear of an end either.
    for (const socket of asked) socket.resume();
    return ownTime(Promise.all(asked.map(closeOf)));
  }

  /** Resolves when all that was begun has been played to its end. */
  async played(): Promise<void> {
    await Promise.all(this.#acts);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.connectionCount++;
    this.sockets.add(socket.setNoDelay(true));
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    const { atOnce, answers = [] } = this.#play;
    if (atOnce) this.#acts.push(this.#perform(socket, atOnce));
    let received = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      for (let request = parseRequest(received); request; request = parseRequest(received)) {
        received = received.subarray(request.length);
        const steps = answers[Math.min(this.requests.length, answers.length - 1)];
        this.requests.push(request);
        this.requestSockets.push(socket);
        if (steps) this.#acts.push(this.#perform(socket, steps));
      }
    });
  }

  async #perform(socket: Socket, steps: Step[]): Promise<void> {
    for (const step of steps) {
      if (socket.destroyed) return;
      await this.#take(socket, step);
    }
  }

  #take(socket: Socket, step: Step): unknown {
    if (typeof step === 'function') return write(socket, step({ own: this.origin, other: this.#other }));
    if (typeof step === 'string' || step instanceof Uint8Array) return write(socket, step);
    if ('waitMs' in step) return pause(step.waitMs);
    return 'act' in step ? ACTS[step.act](socket) : repeat(socket, step);
  }
}

const ACTS: Record<Act, (socket: Socket) => unknown> = {
  end: (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  destroy: (socket) => socket.destroy(),
  // Not by once(): it rejects at the reset that a client may end the silence with.
  stall: (socket) => new Promise((resolve) => socket.on('close', resolve)),
  pause: (socket) => socket.pause(),
};

/** Resolves when the bytes have left, or cannot leave any more. */
function write(socket: Socket, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    socket.write(bytes, () => {
      resolve();
    });
  });
}

interface Repetition {
  repeat: string | Uint8Array;
  times: number;
  everyMs?: number;
}

async function repeat(socket: Socket, { repeat: bytes, times, everyMs }: Repetition): Promise<void> {
  for (let count = 0; count < times && !socket.destroyed; count++) {
    await write(socket, bytes);
    if (everyMs !== undefined) await pause(everyMs);
  }
}

/** Waits without keeping the process: what a server waits for is no timer of the client. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
