import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request that came in. */
export interface Asked {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  socket: Socket;
}

/** Answers a request; `index` counts them from 0. */
export type Script = (response: ServerResponse, asked: Asked, index: number) => unknown;

/** A server on loopback that says what a script says. */
export class StreamServer {
  readonly asked: Asked[] = [];
  readonly #server: Server;

  private constructor(script: Script) {
    this.#server = createServer({ noDelay: true }, (request, response) => {
      const { socket, headers, method = '', url: path = '' } = request;
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const asked: Asked = { method, path, headers, body, socket };
        this.asked.push(asked);
        response.sendDate = false;
        script(response, asked, this.asked.length - 1);
      });
    });
  }

  static async start(script: Script): Promise<StreamServer> {
    const server = new StreamServer(script);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** Resolves when the client has closed the connection of the last request. */
  async closed(): Promise<void> {
    const socket = this.asked.at(-1)?.socket;
    if (!socket) throw new Error('Nothing was asked');
    if (!socket.closed) await once(socket, 'close');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
