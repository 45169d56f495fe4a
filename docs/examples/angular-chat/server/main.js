// Serves the built app, and passes its questions on to the API: the key stays here.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createClient } from 'rxdelta';
import { relay } from 'rxdelta/server';
import { serveFiles } from './serve-files.js';
import { startLocalModel } from './local-model.js';

const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL, PORT = '4300' } = process.env;

// Without a key and without an address, a local model answers.
const local = OPENAI_API_KEY?.trim() || OPENAI_BASE_URL?.trim() ? undefined : await startLocalModel();
const client = createClient(local ? { baseURL: local.url, apiKey: null } : {});

const relayed = relay(client, {
  basePath: '/api/openai',
  models: ['gpt-4o-mini'],
  // A page from elsewhere can make its name lead here; then it would count as our own.
  hosts: ['127.0.0.1', 'localhost', '[::1]'],
  prepare: (params) => ({ ...params, model: OPENAI_MODEL?.trim() || params.model }),
  // The page gets neutral words; whoever runs the server wants to know, of a wrong key for instance.
  onError: (error) => console.error(String(error)),
});
const files = serveFiles(fileURLToPath(new URL('../dist/', import.meta.url)));

const server = createServer((request, response) => relayed(request, response, () => files(request, response)));
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port} (${local ? 'a local model answers' : 'the API answers'})`);
});
