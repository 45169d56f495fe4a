/**
 * The parts of undici 7 that are imported by file: its entry would install a dispatcher behind the global `fetch`, and
 * takes four times as long to load.
 */

declare module 'undici/lib/core/connect.js' {
  import type { Socket } from 'node:net';
  import type { ConnectionOptions } from 'node:tls';

  namespace buildConnector {
    interface Target {
      host: string;
      hostname: string;
      protocol: string;
      port: string;
      servername?: string | null;
      localAddress?: string | null;
    }
    type Callback = (error: Error | null, socket: Socket | null) => void;
    type Connector = (target: Target, callback: Callback) => Socket;
  }
  function buildConnector(
    options: ConnectionOptions & { timeout?: number; allowH2?: boolean },
  ): buildConnector.Connector;
  export default buildConnector;
}

declare module 'undici/lib/dispatcher/client.js' {
  import type buildConnector from 'undici/lib/core/connect.js';

  export interface ClientOptions {
    connect?: (target: buildConnector.Target, callback: buildConnector.Callback) => void;
    headersTimeout?: number;
    bodyTimeout?: number;
  }
  export default class Client {
    constructor(origin: string | URL, options?: ClientOptions);
    dispatch(options: object, handler: object): boolean;
  }
}

declare module 'undici/lib/dispatcher/pool.js' {
  import type Client from 'undici/lib/dispatcher/client.js';
  import type { ClientOptions } from 'undici/lib/dispatcher/client.js';

  export interface PoolOptions extends ClientOptions {
    factory?: (origin: string | URL, options: ClientOptions) => Client;
  }
  export default class Pool {
    constructor(origin: string | URL, options?: PoolOptions);
    dispatch(options: object, handler: object): boolean;
  }
}

declare module 'undici/lib/dispatcher/agent.js' {
  import type Pool from 'undici/lib/dispatcher/pool.js';
  import type { PoolOptions } from 'undici/lib/dispatcher/pool.js';

  export default class Agent {
    constructor(
      options: Omit<PoolOptions, 'factory'> & { factory?: (origin: string | URL, options: PoolOptions) => Pool },
    );
    dispatch(options: object, handler: object): boolean;
  }
}
