import { asyncScheduler } from 'rxjs';
import { defaultTransport } from '#transport';
import { strictRule, type EndRule } from '../chunks/ChunkReader.ts';
import { ChunkStream } from '../chunks/ChunkStream.ts';
import type { ChatCompletionChunk, ResponseStreamEvent } from '../openai/index.ts';
import type { Client, StreamOptions } from './Client.ts';
import type { ClientOptions } from './ClientOptions.ts';
import { isBrowser } from './environment.ts';
import { openStream } from './openStream.ts';
import { buildRequest, type Call } from './OutgoingRequest.ts';
import type { RequestOptions } from './RequestOptions.ts';
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
  if (options.apiKey != null && !options.dangerouslyAllowBrowser && isBrowser()) {
    throw new TypeError('Every visitor can read the apiKey: use a relay, or set dangerouslyAllowBrowser');
  }
  completeTimeouts(options.timeouts);
  const transport = options.transport ?? defaultTransport();

  const stream = <T extends object>(
    call: Call,
    request: Omit<RequestOptions, 'completion'>,
    endRule: () => EndRule<T>,
  ): ChunkStream<T> => {
    const retry = request.retry ?? options.retry;
    return new ChunkStream(
      openStream({
        request: () => buildRequest(call, options, request),
        transport,
        scheduler: options.scheduler ?? asyncScheduler,
        timeouts: completeTimeouts(options.timeouts, request.timeouts),
        gate: request.gate,
        signal: request.signal,
        onResponse: request.onResponse,
        maxEventBytes: request.maxEventBytes ?? options.maxEventBytes,
        retry: retry ? { scheduler: options.scheduler ?? asyncScheduler, ...retry } : undefined,
        endRule,
      }),
    );
  };
  const post = (path: string, params: object): Call => ({ method: 'POST', path, body: { ...params, stream: true } });
  const ruleFor = <T extends object>({ completion = options.completion }: RequestOptions) =>
    completion === 'lenient' ? lenientRule<T> : strictRule<T>;

  return {
    chat: {
      completions: {
        stream: (params, request = {}) =>
          stream<ChatCompletionChunk>(post('/chat/completions', params), request, ruleFor(request)),
      },
    },
    responses: {
      stream: (params, request = {}) =>
        stream<ResponseStreamEvent>(post('/responses', params), request, ruleFor(request)),
    },
    stream: (path, body, request = {}) => stream(post(path, body), request, () => ruleOf(request)),
  };
}

/** Strict, except that the end of the body is the end of the answer. */
function lenientRule<T extends object>(): EndRule<T> {
  const rule = strictRule<T>();
  return { ...rule, endOfEvents: () => rule.endOfEvents() ?? 'lenient' };
}

function ruleOf<T extends object>({ completion }: StreamOptions<T>): EndRule<T> {
  if (completion === 'strict') return strictRule();
  return { endOfEvents: () => 'lenient', ...(typeof completion === 'function' && { endsWith: completion }) };
}
