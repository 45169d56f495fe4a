import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** Serves a folder as a host of static pages does, where `/start` is `start.html`. */
export class StaticServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(folder: string): Promise<StaticServer> {
    const server = createServer(({ url = '/' }, response) => {
      const path = normalize(decodeURIComponent(new URL(url, 'http://site').pathname));
      const file = [path, `${path}.html`, join(path, 'index.html')]
        .map((name) => join(folder, name))
        .find((name) => existsSync(name) && statSync(name).isFile());
      response.writeHead(file ? 200 : 404, {
        'content-type': types[extname(file ?? '')] ?? 'application/octet-stream',
      });
      response.end(file && readFileSync(file));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StaticServer(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
