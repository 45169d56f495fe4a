/** Compiled, never run: which servers the entry for servers fits, and what its hooks are told. */
import { createServer } from 'node:http';
import { createServer as createHTTP2Server } from 'node:http2';
import { of, type Observable, type Subscription } from 'rxjs';
import { contentDeltas, type Client } from 'rxdelta';
import { pipeToResponse, relay, toResponse, toServerSentEvents, type RelayParams } from 'rxdelta/server';
import type { IsIdentical } from './IsIdentical';

declare const client: Client;
const stream = client.chat.completions.stream({ model: 'm', messages: [] });

// ── servers

export const handler = relay(client, { models: ['m'] });
createServer(handler);
createHTTP2Server(handler);
createServer((request, response) => {
  handler(request, response, () => response.end());
  const sending: Subscription = pipeToResponse(stream, response, { id: (chunk, index) => `${chunk.id}-${index}` });
  response.on('close', () => {
    sending.unsubscribe();
  });
});
createHTTP2Server((_, response) => {
  pipeToResponse(stream.pipe(contentDeltas()), response);
});
export const web: (request: Request) => Promise<Response> = handler.fetch;

export const response = toResponse(stream, { event: ({ object }) => object });
export const text = stream.pipe(toServerSentEvents({ id: ({ created }) => created }));
export const verdicts: [
  response: IsIdentical<typeof response, Promise<Response>>,
  text: IsIdentical<typeof text, Observable<string>>,
] = [true, true];

// ── hooks answer at once or later

relay(client, { models: (model, { headers }) => model === headers['x-model'], authorize: () => true });
relay(client, { models: [], authorize: () => of({ status: 402 }), prepare: (params) => of(params) });
relay(client, {
  models: [],
  authorize: async ({ raw }) => raw !== undefined,
  prepare: async (params): Promise<RelayParams> => ({ ...params, temperature: 0 }),
});

// @ts-expect-error -- which models may be asked is for the application to say
relay(client, {});
// @ts-expect-error -- a refusal has a status
relay(client, { models: [], authorize: () => ({ message: 'No' }) });
// @ts-expect-error -- what is sent has a model
relay(client, { models: [], prepare: () => ({}) });
// @ts-expect-error -- a chunk has no such member
void toResponse(stream, { id: ({ number }) => number });
