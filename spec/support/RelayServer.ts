import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createClient, type ClientOptions } from 'rxdelta';
import { relay, type RelayOptions } from 'rxdelta/server';
import { WireServer, type WireScript } from './WireServer';

/** The model that may be asked. */
export const MODEL = 'm';
/** The body of a good request to chat. */
export const CHAT = { model: MODEL, messages: [{ role: 'user' as const, content: 'Hello' }] };

/** A relay on a real server, in front of an API on bare sockets. */
export class RelayServer {
  /** What the relay told its log. */
  readonly errors: unknown[] = [];
  readonly sockets = new Set<Socket>();

  readonly upstream: WireServer;
  readonly server: Server;

  private constructor(upstream: WireServer, server: Server) {
    this.upstream = upstream;
    this.server = server;
  }

  static async start(script: WireScript, options: Partial<RelayOptions> = {}, client: ClientOptions = {}) {
    const upstream = await WireServer.start(script);
    const handler = relay(createClient({ apiKey: 'sk-relay', baseURL: upstream.url, ...client }), {
      models: [MODEL],
      onError: (error) => started.errors.push(error),
      ...options,
    });
    const server = createServer(handler).listen(0, '127.0.0.1');
    const started = new RelayServer(upstream, server);
    server.on('connection', (socket) => {
      started.sockets.add(socket);
      socket.on('close', () => started.sockets.delete(socket));
    });
    await once(server, 'listening');
    return started;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  /** Sends a body as a browser would. */
  post(body: unknown, headers: Record<string, string> = {}, path = '/chat/completions'): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Sends bytes as they are, and gives all that comes back until the connection is closed or is quiet. */
  async raw(...parts: string[]): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('error', () => undefined);
    const closed = once(socket, 'close');
    for (const part of parts) {
      if (!socket.destroyed) socket.write(part);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.race([closed, this.upstream.until(() => /\r\n\r\n.*(\}|\n\n)/s.test(answer))]);
    socket.destroy();
    return answer;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
    await this.upstream.close();
  }
}
