import { EMPTY, type Observable, type Subscription } from 'rxjs';
import { FlowGate } from '../transport/FlowGate.ts';
import { encodeValues } from './encodeValues.ts';
import type { NodeResponse } from './NodeResponse.ts';
import type { SendOptions } from './SendOptions.ts';
import { sendToNode } from './sendToNode.ts';
import { withGate } from './withGate.ts';

/**
 * Answers a request to a server of Node with a stream: each value is a server-sent event, as `toServerSentEvents` writes it.
 * It works with `http`, Express, and Fastify's `reply.raw`.
 *
 * The head is sent with the first event, or the first comment of a long silence. What fails before is an answer of its own,
 * with JSON: the API's status, 504 for a time limit, 502 for another failure of the API, 500 for any other error; an
 * API's 401, 402, 403 and redirects concern this server and not the browser, so they are 502. What fails later is told
 * inside the stream. When the browser goes away, the source is unsubscribed at once. A request of HEAD is answered
 * without subscribing, and one that is over already not at all.
 *
 * While the browser is slow, the gate is held, so that the API waits. Give the gate of the request; for a stream as the
 * client made it, without operators, there is one without your help. A source that cannot wait may get ahead by
 * `maxBacklog` characters; then, and when nothing was taken for `writeTimeoutMs`, the connection is closed.
 *
 * @param source - values that JSON can hold; subscribed once
 * @param response - of Node's http or http2
 * @param options - of `toServerSentEvents`; and `gate`, `headers`, `writeTimeoutMs` (60000), `maxBacklog` (1048576)
 * @returns ends when all is written, or the browser has left; unsubscribing it stops the source and ends the response
 * @throws RangeError at once when a number is out of range
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { createClient } from 'rxdelta';
 * import { pipeToResponse } from 'rxdelta/server';
 *
 * const client = createClient();
 * createServer((request, response) => {
 *   const messages = [{ role: 'user' as const, content: 'Hello' }];
 *   pipeToResponse(client.chat.completions.stream({ model: 'gpt-4o-mini', messages }), response);
 * }).listen(8080);
 * ```
 * @see https://nodejs.org/api/http.html#class-httpserverresponse
 */
export function pipeToResponse<T>(
  source: Observable<T>,
  response: NodeResponse,
  options: SendOptions<T> = {},
): Subscription {
  const { id: _id, event: _event, gate = new FlowGate(), ...sending } = options;
  const values = response.req?.method === 'HEAD' ? EMPTY : withGate(source, gate);
  const events = values.pipe(encodeValues(options, !response.headersSent));
  return sendToNode(events, response, { ...sending, gate });
}
