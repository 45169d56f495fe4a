import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { ask } from '../dist/chat.js';

const bundle = readFileSync(new URL('../dist/chat.js', import.meta.url), 'utf8');

test('holds no undici and nothing of Node', () => {
  assert.doesNotMatch(bundle, /undici|node:/);
});

test('streams through fetch, and unsubscribing closes the connection', async () => {
  const chunk = (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk('Hel') + chunk('lo'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const closed = once(server, 'request').then(([, response]) => once(response, 'close'));

  const texts = await new Promise((resolve, reject) => {
    const seen = [];
    const subscription = ask(`http://127.0.0.1:${server.address().port}/v1`, 'Hello').subscribe({
      next: (text) => {
        seen.push(text);
        if (seen.length < 2) return;
        subscription.unsubscribe();
        resolve(seen);
      },
      error: reject,
    });
  });
  assert.deepEqual(texts, ['Hel', 'Hello']);
  await closed;
  server.close();
});
