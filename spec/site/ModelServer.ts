import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { contentChunk, finishChunk } from 'rxdelta/testing';

/** What it answers. */
export const story = 'Once there was a robot that liked rivers and counted stones, day by day by day.';
const words = story.match(/\S+ ?/g) ?? [];

/** A server that speaks the API as far as the start page needs it: one word every 200 ms. */
export class ModelServer {
  /** What came, as `model authorization`. */
  readonly requests: string[] = [];
  /** How many answers were not heard to their end. */
  aborted = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void (async () => {
        let body = '';
        for await (const part of request) body += String(part);
        const { model } = JSON.parse(body) as { model: string };
        this.requests.push(`${request.url} ${model} ${request.headers.authorization}`);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.on('close', () => {
          if (!response.writableEnded) this.aborted++;
        });
        for (const chunk of [...words.map((word) => contentChunk(word)), finishChunk()]) {
          if (response.destroyed) return;
          response.write(`data: ${JSON.stringify(chunk)}\n\n`);
          await pause(200);
        }
        response.end('data: [DONE]\n\n');
      })();
    });
  }

  static async start(): Promise<ModelServer> {
    const server = new ModelServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
