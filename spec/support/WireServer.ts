import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTLSServer, type TlsOptions } from 'node:tls';

/** A request as it came over the socket. */
export interface WireRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

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

  /** Resolves when a condition holds, looking at it once per turn of the event loop; rejects after 10 seconds. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000;
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

/**
 * The time that a promise takes, in milliseconds. Those do not count in which this process had no turn, since others
 * kept the machine busy: what is measured is what our own code waits for.
 */
async function ownTime(promise: Promise<unknown>): Promise<number> {
  let time = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    time += Math.min(now - last, 3);
    last = now;
  };
  const timer = setInterval(tick, 1);
  try {
    await promise;
  } finally {
    clearInterval(timer);
  }
  tick();
  return time;
}

/** Resolves when a socket is closed, also by a reset, which `once` would reject; rejects after 5 seconds. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.closed) {
      resolve();
      return;
    }
    const timer = setTimeout(() => {
      reject(new Error('The connection stays open'));
    }, 5_000);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function parseRequest(bytes: Buffer): (WireRequest & { length: number }) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [requestLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const length = headEnd + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return undefined;
  const [method = '', path = ''] = requestLine.split(' ');
  return { method, path, headers, body: bytes.subarray(headEnd + 4, length).toString(), length };
}
