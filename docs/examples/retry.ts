// Retries until a server is there: refused twice, then answered. Run it: npx tsx docs/examples/retry.ts
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finalize } from 'rxjs';
import { contentDeltas, createClient, retryWithBackoff } from 'rxdelta';

// A server of our own, which stops listening for now: its port refuses connections.
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: {"choices":[{"index":0,"delta":{"content":"Here I am."},"finish_reason":"stop"}]}\n\n');
  response.end('data: [DONE]\n\n');
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;
await once(server.close(), 'close');

const client = createClient({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: null });

client.chat.completions
  .stream({ model: 'any', messages: [{ role: 'user', content: 'Are you there?' }] })
  .pipe(
    // Without this operator nothing is retried. `createClient({ retry: … })` applies it to every request.
    retryWithBackoff({
      maxRetries: 3,
      initialDelayMs: 200,
      onRetry: ({ error, retryIndex, delayMs }) => {
        console.log(`Attempt ${retryIndex + 1} failed: ${(error as Error).message}`);
        console.log(`The next one follows in ${Math.round(delayMs)} ms`);
        if (retryIndex === 1) server.listen(port, '127.0.0.1');
      },
    }),
    contentDeltas(),
    finalize(() => server.close()),
  )
  .subscribe({
    next: (text) => console.log(`Answer: ${text}`),
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
  });
