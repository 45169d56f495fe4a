import {
  createClient,
  fetchTransport,
  undiciTransport,
  type Client,
  type ClientOptions,
  type Transport,
} from 'rxdelta';
import { realProcess } from './realProcess';
import { WireServer, type WireScript } from './WireServer';

/** The parameters of a request that nobody reads. */
export const params = { model: 'm', messages: [] };

const TRANSPORTS = { undici: undiciTransport(), fetch: fetchTransport() };

/** What a spec needs to look at a client from the other end of its connection. */
export class Wire {
  readonly name: keyof typeof TRANSPORTS;
  readonly transport: Transport;
  /** The server that was started last. */
  server!: WireServer;
  readonly #servers: WireServer[] = [];
  readonly #unhandled: unknown[] = [];

  constructor(name: keyof typeof TRANSPORTS, transport: Transport) {
    this.name = name;
    this.transport = transport;
  }

  /** Starts a server, and makes a client for it. */
  async start(script: WireScript, options: ClientOptions = {}): Promise<Client> {
    this.server = await WireServer.start(script);
    this.#servers.push(this.server);
    return createClient({ baseURL: this.server.url, transport: this.transport, ...options });
  }

  /** Before each spec. */
  watch(): void {
    realProcess.on('unhandledRejection', this.#onUnhandled);
  }

  /** After each spec. */
  async stop(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
    await new Promise((resolve) => setImmediate(resolve));
    realProcess.off('unhandledRejection', this.#onUnhandled);
    expect(this.#unhandled.splice(0)).toEqual([]);
  }

  readonly #onUnhandled = (reason: unknown) => {
    this.#unhandled.push(reason);
  };
}

/** Describes what holds through both transports. No server outlives its spec, and no rejection goes unhandled. */
export function describeWire(what: string, specs: (wire: Wire) => void): void {
  describe.each(Object.entries(TRANSPORTS))(`${what} through %s`, (name, transport) => {
    const wire = new Wire(name as keyof typeof TRANSPORTS, transport);
    beforeEach(() => {
      wire.watch();
    });
    afterEach(() => wire.stop());
    specs(wire);
  });
}
