// Provokes three failures and tells them apart by `error.kind`. Run it: npx tsx docs/examples/error-handling.ts
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accumulateContent, createClient, isAPIError, type Client } from 'rxdelta';

/** Prints an answer. Whatever had arrived before a failure is kept. */
async function ask(client: Client, model: string): Promise<void> {
  const messages = [{ role: 'user' as const, content: 'Write a story about a robot' }];
  let text = '';
  try {
    const answer = client.chat.completions.stream({ model, messages }).pipe(accumulateContent());
    await answer.forEach((soFar) => (text = soFar));
    console.log(`The whole answer: ${text}`);
  } catch (error) {
    console.log(explain(error, text));
  }
}

function explain(error: unknown, text: string): string {
  if (!isAPIError(error)) throw error; // A mistake in the program, not a failure of the request.
  const advice = error.retryable ? 'worth another try' : 'not worth another try';
  switch (error.kind) {
    case 'connection': // not made, or broken
    case 'timeout': // a limit passed
      return `${error.kind} error in phase ${error.phase}, ${advice}: ${error.message}`;
    case 'truncated': // the server ended before the answer was whole
      return `truncated after ${error.chunkCount} chunks, ${advice}; what came: ${text}`;
    case 'status': // the server refused the request
      return `HTTP ${error.status}, code ${error.code ?? 'none'}, ${advice}: ${error.message}`;
    case 'stream': // the server reported an error while it answered
    case 'malformed': // what came is no event stream that can be read
    case 'abort': // our own AbortSignal fired
      return `${error.kind} error, ${advice}: ${error.message}`;
  }
}

// Nobody listens on this port; then, the server knows no such model.
await ask(createClient({ baseURL: 'http://127.0.0.1:1/v1', apiKey: null }), 'any');
await ask(createClient(), 'no-such-model');

// A server that ends in the middle of the answer, without a finish reason and without [DONE].
const server = createServer((_request, response) => {
  const chunks = ['Once', ' upon'].map((content) => ({ choices: [{ index: 0, delta: { content } }] }));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
await ask(createClient({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: null }), 'any');
server.close();
