import { throwError } from 'rxjs';
import type { Client } from '../client/Client.ts';
import { FlowGate } from '../transport/FlowGate.ts';
import { RefusalError } from './RefusalError.ts';
import { checkOptions } from './relay/checkOptions.ts';
import { closingReader } from './relay/closingReader.ts';
import { fromNode } from './relay/fromNode.ts';
import { fromWeb } from './relay/fromWeb.ts';
import type { IncomingRequest } from './relay/IncomingRequest.ts';
import { preflight } from './relay/preflight.ts';
import { relayCore } from './relay/relayCore.ts';
import type { RelayHandler } from './relay/RelayHandler.ts';
import type { RelayOptions } from './relay/RelayOptions.ts';
import type { RelayEndpoint } from './relay/RelayRequest.ts';
import { sendToNode } from './sendToNode.ts';
import { sendToWeb } from './sendToWeb.ts';

/**
 * Relays the streams of an API to browsers, which do not see its key: `POST /v1/chat/completions` and `POST /v1/responses`
 * as OpenAI has them, so that a client of rxdelta, or the official one, needs no more than the URL of the relay.
 *
 * What is sent to the API is the checked body, through the client, with its key: no header of the browser's goes along. What
 * is not allowed is refused with a 4xx and OpenAI's error body. Only streams are relayed. They are read chunk by chunk, so
 * that a cut answer is told as such, and written again; a slow browser slows the API down, and one that leaves closes the
 * connection there. See docs/relay.md for all that is refused.
 *
 * @param client - makes the requests; its retries hold until an answer begins
 * @param options - `models`, which has no default; all others see `RelayOptions`
 * @returns a listener for `createServer` and Express; its `fetch` is for servers of the web
 * @throws TypeError at once when a list is none, `models` is missing, or `basePath` is no path
 * @throws RangeError at once when a number is out of range
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { createClient } from 'rxdelta';
 * import { relay } from 'rxdelta/server';
 *
 * createServer(relay(createClient(), { models: ['gpt-4o-mini'], maxTokens: 1_000 })).listen(8080);
 * ```
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function relay(client: Client, options: RelayOptions): RelayHandler {
  const { basePath = '/v1', maxBodyBytes = 262_144, writeTimeoutMs, scheduler, errorMessage } = options;
  checkOptions(options);
  const core = relayCore(client, { ...options, maxBodyBytes });
  const endpoints = new Map<string, RelayEndpoint>([
    [`${basePath}/chat/completions`, 'chat'],
    [`${basePath}/responses`, 'responses'],
  ]);
  const endpointOf = ({ paths }: IncomingRequest) => paths.map((path) => endpoints.get(path)).find(Boolean);
  /** The answer, and how it is sent. */
  const answer = (incoming: IncomingRequest, endpoint: RelayEndpoint | undefined) => {
    const gate = new FlowGate();
    const { events, headers } = endpoint ? core(incoming, endpoint, gate) : { events: NOT_FOUND, headers: undefined };
    return { events, sending: { gate, headers, writeTimeoutMs, scheduler, errorMessage } };
  };

  const listen = (...[request, response, next]: Parameters<RelayHandler>) => {
    const incoming = fromNode(request);
    const endpoint = endpointOf(incoming);
    const reader = closingReader(response, request, maxBodyBytes);
    if (!endpoint && next) {
      next();
    } else if (endpoint && incoming.method === 'OPTIONS') {
      const { status, headers } = preflight({ endpoint, ...incoming }, options);
      reader.refuse(status, headers, '');
    } else {
      const { events, sending } = answer(incoming, endpoint);
      sendToNode(events, response, sending, reader);
    }
  };
  const fetch = async (request: Request) => {
    const incoming = fromWeb(request);
    const endpoint = endpointOf(incoming);
    if (endpoint && incoming.method === 'OPTIONS') {
      return new Response(null, preflight({ endpoint, ...incoming }, options));
    }
    const { events, sending } = answer(incoming, endpoint);
    return sendToWeb(events, { ...sending, signal: request.signal });
  };
  return Object.assign(listen, { fetch });
}

const NOT_FOUND = throwError(
  () => new RefusalError({ status: 404, message: 'There is nothing here', code: 'not_found' }),
);
