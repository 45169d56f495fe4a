import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTLSServer, type TlsOptions } from 'node:tls';
import { closeOf, ownTime, parseRequest, type WireRequest } from './sockets';

/** One request, and the means to answer it byte by byte. */
export interface WireExchange {
  request: WireRequest;
  socket: Socket;
  /** Counts the requests of the server, from 0. */
  index: number;
}

export type WireScript = (exchange: WireExchange) => unknown;

/** A server on bare sockets: every byte of its answers is the script's. It listens on loopback and forgets nothing. */
export class WireServer {
  readonly requests: WireRequest[] = [];
  /** The socket of each request. */
  readonly requestSockets: Socket[] = [];
  /** The sockets that are open. */
  readonly sockets = new Set<Socket>();
  /** How many connections were accepted in all. */
  connectionCount = 0;
  readonly #server: Server;
  readonly #script: WireScript;
  readonly #isSecure: boolean;

  private constructor(script: WireScript, tls: TlsOptions | undefined) {
    this.#script = script;
    this.#isSecure = tls !== undefined;
    const accept = (socket: Socket) => {
      this.#serve(socket);
    };
    this.#server = tls ? createTLSServer(tls, accept) : createServer(accept);
    if (tls) this.#server.on('tlsClientError', () => undefined);
    this.#server.on('connection', (socket: Socket) => {
      this.connectionCount++;
      this.sockets.add(socket.setNoDelay(true));
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
    });
  }

  static async start(script: WireScript, tls?: TlsOptions): Promise<WireServer> {
    const server = new WireServer(script, tls);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#isSecure ? 'https://localhost' : 'http://127.0.0.1'}:${this.port}/v1`;
  }

  /** Resolves when the socket of the last request is closed, with the time it took in milliseconds. */
  closed(): Promise<number> {
    return ownTime(Promise.all(this.requestSockets.slice(-1).map(closeOf)));
  }

  /** Resolves when no connection is open, with the time it took in milliseconds. */
  allClosed(): Promise<number> {
    return ownTime(Promise.all([...this.sockets].map(closeOf)));
  }

  /** Resolves when a condition holds, looking at it once per turn of the event loop; rejects after 30 seconds. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`It did not come to pass: ${String(condition)}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    let received = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      for (let request = parseRequest(received); request; request = parseRequest(received)) {
        received = received.subarray(request.length);
        this.requests.push(request);
        this.requestSockets.push(socket);
        void this.#script({ request, socket, index: this.requests.length - 1 });
      }
    });
  }
}
