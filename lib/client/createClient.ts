import { asyncScheduler } from 'rxjs';
import { defaultTransport } from '#transport';
import type { EndRule } from '../chunks/chunkReader.ts';
import { ChunkStream } from '../chunks/ChunkStream.ts';
import type { ChatCompletionChunk, Response, ResponseStreamEvent } from '../openai/index.ts';
import { retryDelay } from '../retry/retryDelay.ts';
import type { Client, StreamOptions } from './Client.ts';
import type { ClientOptions } from './ClientOptions.ts';
import { isBrowser } from './isBrowser.ts';
import { openStream, type StreamPlan } from './openStream.ts';
import { buildRequest, type Call } from './OutgoingRequest.ts';
import { resumable } from './resumable.ts';
import { completeTimeouts } from './Timeouts.ts';

/**
 * Makes a client for an OpenAI-style API. It holds no connection: each stream it gives makes its request when it is
 * subscribed, and closes it when it is unsubscribed.
 *
 * @param options - all optional; see `ClientOptions` for units and defaults
 * @throws TypeError at once for an `apiKey` in a browser, unless `dangerouslyAllowBrowser` is set
 * @throws RangeError at once for a limit that is no number of milliseconds above 0, or a number of `retry` out of range
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
  const timeouts = completeTimeouts(options.timeouts);
  retryDelay(options.retry);

  /** What it takes to make a call. */
  const planOf = <T>(
    call: Call,
    request: StreamOptions<T> = {},
    endRule: EndRule<T> = request.completion ?? options.completion ?? 'strict',
  ): StreamPlan<T> => {
    const { maxEventBytes = options.maxEventBytes, retry = options.retry } = request;
    if (retry) retryDelay(retry);
    return {
      ...request,
      call,
      build: () => buildRequest(call, options, request),
      transport,
      scheduler,
      timeouts: request.timeouts ? completeTimeouts(timeouts, request.timeouts) : timeouts,
      maxEventBytes,
      retry: retry && { scheduler, signal: request.signal, ...retry },
      endRule,
    };
  };
  const post = (path: string, body: object): Call => ({ method: 'POST', path, body: { ...body, stream: true } });
  const get = (id: string, after?: number): Call => {
    const query = after === undefined ? '' : `&starting_after=${after}`;
    return { method: 'GET', path: `${responsePath(id)}?stream=true${query}` };
  };
  const streamOf = <T extends object>(...plan: Parameters<typeof planOf<T>>) =>
    new ChunkStream(openStream(planOf(...plan)));
  return {
    chat: {
      completions: {
        stream: (params, request) => streamOf<ChatCompletionChunk>(post('/chat/completions', params), request),
      },
    },
    responses: {
      stream: (params, request) => {
        const plan = planOf<ResponseStreamEvent>(post('/responses', params), request);
        const rest = (id: string, after: number) => buildRequest(get(id, after), options, request ?? {});
        return new ChunkStream(request?.resume ? resumable(plan, rest, params.background) : openStream(plan));
      },
      resume: (id, request) => streamOf<ResponseStreamEvent>(get(id, request?.startingAfter), request),
      cancel: (id, request) => {
        const call: Call = { method: 'POST', path: `${responsePath(id)}/cancel`, isDocument: true };
        return openStream(planOf<Response>(call, request)).chunks();
      },
    },
    // The end of the body is the end of the answer, unless told otherwise.
    stream: (path, body, request) => streamOf(post(path, body), request, request?.completion ?? (() => false)),
  };
}

/** @throws TypeError when the id would lead elsewhere */
function responsePath(id: string): string {
  if (/^\.*$/.test(id)) throw new TypeError('That is no id of a Response');
  return `/responses/${encodeURIComponent(id)}`;
}
