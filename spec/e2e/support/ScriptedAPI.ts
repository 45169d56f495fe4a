import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { APIExchange } from './APIExchange';
import { eventually } from './eventually';

/** The API at the other side of the relay. Each request waits for what the test answers, word by word. */
export class ScriptedAPI {
  /** Every request since the start. */
  readonly exchanges: APIExchange[] = [];
  readonly #server: Server;
  #handedOut = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      void APIExchange.read(request, response).then((exchange) => this.exchanges.push(exchange));
    });
  }

  static async start(): Promise<ScriptedAPI> {
    const api = new ScriptedAPI();
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** The next request, when it has come. */
  async next(): Promise<APIExchange> {
    const exchange = await eventually(() => {
      const next = this.exchanges[this.#handedOut];
      if (!next) throw new Error('No request has come to the API');
      return next;
    });
    this.#handedOut++;
    return exchange;
  }

  /** What came so far is nobody's next request any more. */
  forget(): void {
    this.#handedOut = this.exchanges.length;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
