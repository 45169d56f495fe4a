import { asyncScheduler } from 'rxjs';
import { defaultTransport } from '#transport';
import type { EndRule } from '../chunks/readChunks.ts';
import { ChunkStream } from '../chunks/ChunkStream.ts';
import type { ChatCompletionChunk, ResponseStreamEvent } from '../openai/index.ts';
import type { Client, StreamOptions } from './Client.ts';
import type { ClientOptions } from './ClientOptions.ts';
import { isBrowser } from './isBrowser.ts';
import { openStream } from './openStream.ts';
import { buildRequest, type Call } from './OutgoingRequest.ts';
import { completeTimeouts } from './Timeouts.ts';

/**
 * Makes a client for an OpenAI-style API. It holds no connection: each stream it gives makes its request when it is
 * subscribed, and closes it when it is unsubscribed.
 *
 * @param options - all optional; see `ClientOptions` for units and defaults
 * @throws TypeError at once for an `apiKey` in a browser, unless `dangerouslyAllowBrowser` is set
 * @throws RangeError at once for a limit that is no number of milliseconds above 0
 * @example
 * ```ts
 * import { contentDeltas, createClient } from 'rxdelta';
 *
 * const client = createClient({ baseURL: 'http://127.0.0.1:8080/v1' });
 * client.chat.completions
 *   .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Write a story about a robot' }] })
 *   .pipe(contentDeltas())
 *   .subscribe((text) => process.stdout.write(text));
 * ```
 * @see https://platform.openai.com/docs/api-reference/introduction
 */
/* @__NO_SIDE_EFFECTS__ */
export function createClient(options: ClientOptions = {}): Client {
  const { scheduler = asyncScheduler, transport = defaultTransport() } = options;
  if (options.apiKey != null && !options.dangerouslyAllowBrowser && isBrowser()) {
    throw new TypeError('apiKey is not for browsers');
  }
  completeTimeouts(options.timeouts);

  const stream = <T extends object>(
    path: string,
    params: object,
    request: StreamOptions<T> = {},
    endRule: EndRule<T> = request.completion ?? options.completion ?? 'strict',
  ) => {
    const { maxEventBytes = options.maxEventBytes, retry = options.retry } = request;
    const call: Call = { method: 'POST', path, body: { ...params, stream: true } };
    return new ChunkStream(
      openStream({
        ...request,
        build: () => buildRequest(call, options, request),
        transport,
        scheduler,
        timeouts: completeTimeouts(options.timeouts, request.timeouts),
        maxEventBytes,
        retry: retry && { scheduler, signal: request.signal, ...retry },
        endRule,
      }),
    );
  };
  return {
    chat: { completions: { stream: (...call) => stream<ChatCompletionChunk>('/chat/completions', ...call) } },
    responses: { stream: (...call) => stream<ResponseStreamEvent>('/responses', ...call) },
    // The end of the body is the end of the answer, unless told otherwise.
    stream: (path, body, request) => stream(path, body, request, request?.completion ?? (() => false)),
  };
}
