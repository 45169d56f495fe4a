import { Observable } from 'rxjs';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Client, { type ClientOptions } from 'undici/lib/dispatcher/client.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { HeldSocket } from './HeldSocket.ts';
import type { Transport } from './Transport.ts';
import { UndiciExchange } from './UndiciExchange.ts';

/** Whatever sends requests the way undici's dispatchers do: its Agent, ProxyAgent, Pool, MockAgent and so on. */
export interface UndiciDispatcher {
  dispatch(options: object, handler: object): boolean;
}

/** Options of `undiciTransport`. */
export interface UndiciTransportOptions {
  /**
   * Your own dispatcher of undici 7 or later. Without one, all transports share one keep-alive pool without a limit of
   * connections. Your own dispatcher opens its sockets itself, so `connectMs` is its business, and a request that is
   * unsubscribed before its socket is open ends as soon as it is.
   */
  dispatcher?: UndiciDispatcher;
}

/**
 * Makes the transport of Node: requests through undici's dispatcher interface, the leanest way that it has.
 *
 * @param options - `dispatcher`, the shared pool unless set
 * @example
 * ```ts
 * import { createClient, undiciTransport } from 'rxdelta';
 * import { ProxyAgent } from 'undici';
 *
 * const transport = undiciTransport({ dispatcher: new ProxyAgent('http://127.0.0.1:3128') });
 * export const client = createClient({ transport });
 * ```
 */
export function undiciTransport({ dispatcher }: UndiciTransportOptions = {}): Transport {
  let lastURL = '';
  let lastPlace: Place = { origin: '', path: '' };
  /** Most requests go where the one before went, and to read a URL takes as long as all else that is done here. */
  const placeOf = (url: string) => {
    if (url !== lastURL) {
      lastPlace = parsePlace(url);
      lastURL = url;
    }
    return lastPlace;
  };
  return (request) =>
    new Observable((head) => {
      const exchange = new UndiciExchange(request, head);
      const options: DispatchOptions = {
        ...placeOf(request.url),
        method: request.method,
        headers: { 'accept-encoding': 'identity', ...request.headers },
        body: request.body,
        // The limits of this package replace those of undici, which would cut a quiet stream after five minutes.
        headersTimeout: 0,
        bodyTimeout: 0,
        exchange,
      };
      (dispatcher ?? sharedAgent()).dispatch(options, exchange);
      return () => {
        exchange.close();
      };
    });
}

/** Where a request goes. */
interface Place {
  origin: string;
  path: string;
}

interface DispatchOptions extends Place {
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  headersTimeout: number;
  bodyTimeout: number;
  /** Travels with the request to the connection that it is given. */
  exchange: UndiciExchange;
}

/** @throws TypeError when it is no URL of HTTP */
function parsePlace(url: string): Place {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) {
    throw new TypeError('The baseURL must be a URL that begins with http:// or https://');
  }
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

let shared: Agent | undefined;

/** The pool that all clients share: an Agent whose connections know for which exchange they open their socket. */
function sharedAgent(): Agent {
  shared ??= new Agent({
    factory: (origin, options) =>
      new Pool(origin, { ...options, factory: (place, clientOptions) => new Connection(place, clientOptions) }),
  });
  return shared;
}

const openSocket = buildConnector({ timeout: 0, allowH2: false });

/** One connection of the pool. It carries one exchange at a time, and opens its socket anew when a server closed it. */
class Connection extends Client {
  readonly #current: { exchange: UndiciExchange | undefined };
  readonly #release: () => void;

  constructor(origin: string | URL, options: ClientOptions) {
    const current: { exchange: UndiciExchange | undefined } = { exchange: undefined };
    let held: HeldSocket | undefined;
    super(origin, {
      ...options,
      connect: (target, callback) => {
        const socket = openSocket(target, (error, connected) => {
          current.exchange?.onConnected();
          callback(error, connected);
        });
        // Before undici's own listener, which comes with the connection.
        socket.on('error', (error) => current.exchange?.onSocketError(error));
        held = new HeldSocket(socket, () => current.exchange?.isHeld ?? false);
        current.exchange?.onConnecting(socket);
      },
    });
    this.#current = current;
    this.#release = () => held?.release();
  }

  override dispatch(options: DispatchOptions, handler: object): boolean {
    this.#current.exchange = options.exchange;
    options.exchange.onDispatch(this.#release);
    return super.dispatch(options, handler);
  }
}
