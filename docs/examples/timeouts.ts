// Shows which limit of time ends which silence, against a server that falls silent. Run it: npx tsx docs/examples/timeouts.ts
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accumulateContent, createClient, isAPIError, type Timeouts } from 'rxdelta';

// It answers by the name of the model: not at all, with one piece and then nothing, or with comments from then on.
const server = createServer((request, response) => {
  request.setEncoding('utf8').once('data', (body: string) => {
    if (body.includes('no-head')) return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[{"index":0,"delta":{"content":"Once"}}]}\n\n');
    if (body.includes('silent')) return;
    const timer = setInterval(() => response.write(': keep-alive\n\n'), 20);
    response.once('close', () => clearInterval(timer));
  });
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;
const client = createClient({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: null });

async function ask(model: string, timeouts: Partial<Timeouts>): Promise<void> {
  const messages = [{ role: 'user' as const, content: 'Write a story about a robot' }];
  let text = '';
  try {
    const answer = client.chat.completions.stream({ model, messages }, { timeouts });
    await answer.pipe(accumulateContent()).forEach((soFar) => (text = soFar));
  } catch (error) {
    if (!isAPIError(error) || error.kind !== 'timeout') throw error;
    console.log(`${model}: ${error.message} (phase ${error.phase}), text so far: "${text}"`);
  }
}

await ask('no-head', { responseMs: 200 });
await ask('silent', { idleMs: 200 });
// Comments are life for `idleMs`; they are no chunks, though.
await ask('keep-alive', { idleMs: 200, chunkMs: 400 });
await ask('keep-alive', { idleMs: 200, totalMs: 600 });
server.close();
