// Reads event streams of other services by the same parts. Run it: npx tsx docs/examples/any-sse.ts
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { filter, lastValueFrom, map, switchMap, take, tap } from 'rxjs';
import { createClient, decodeEvents, fetchTransport, parseChunks } from 'rxdelta';

// A server of our own: it answers a message in events of its own kind, and ticks without an end.
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (request.url === '/v1/messages') {
    response.write('event: message_start\ndata: {"type":"message_start"}\n\n');
    response.write('event: piece\ndata: {"type":"piece","text":"Here I am."}\n\n');
    response.end('event: message_stop\ndata: {"type":"message_stop"}\n\n');
  } else {
    response.write('event: hello\ndata: not JSON\n\n');
    const timer = setInterval(() => response.write(`event: tick\ndata: {"at":${Date.now()}}\n\n`), 20);
    response.once('close', () => clearInterval(timer));
  }
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;
const baseURL = `http://127.0.0.1:${port}/v1`;

// #region post
interface Piece {
  type: string;
  text?: string;
}

// A POST that answers in events of any shape; with all that a client has: limits, retries, typed errors, closing.
const message = createClient({ baseURL, apiKey: null }).stream<Piece>(
  '/messages',
  { prompt: 'Are you there?' },
  { completion: (event) => event.type === 'message_stop' },
);
await message.forEach(({ type, text = '' }) => console.log(`${type} ${text}`.trim()));
// #endregion post

// #region get
interface Tick {
  at: number;
}

// Any bytes, such as those of a GET: the head comes first, then its body is decoded, sifted and parsed.
const request = { method: 'GET' as const, url: `${baseURL}/ticks`, headers: {}, connectMs: 10_000 };
const ticks = fetchTransport()(request).pipe(
  tap(({ status }) => {
    if (status !== 200) throw new Error(`HTTP ${status}`);
  }),
  switchMap(({ body }) => body),
  decodeEvents(),
  filter(({ event }) => event === 'tick'),
  parseChunks<Tick>(),
);
const count = await lastValueFrom(
  ticks.pipe(
    take(3),
    map((_tick, index) => index + 1),
  ),
);
console.log(`${count} ticks, then the connection is closed`);
// #endregion get

server.close();
