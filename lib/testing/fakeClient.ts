import { asyncScheduler, defer, type Observable } from 'rxjs';
import { ChunkStream } from '../chunks/ChunkStream.ts';
import type { Client } from '../client/Client.ts';
import type { ClientOptions } from '../client/ClientOptions.ts';
import { createClient } from '../client/createClient.ts';
import type { Response } from '../openai/index.ts';
import { answersInTurn, type Answers } from './answersInTurn.ts';
import type { FakeCall } from './FakeCall.ts';
import { logSubscriptions, type SubscriptionLog } from './logSubscriptions.ts';
import { preparedStream } from './preparedStream.ts';
import type { FakeTransport } from './wire/fakeTransport.ts';

/** What a call is answered: any source of chunks (for `responses.cancel`, of the Response), or the error it fails with. */
export type FakeClientAnswer = Observable<object> | readonly object[] | AsyncIterable<object> | Error;

/** A client without a network, which remembers what it was asked. */
export interface FakeClient extends Client {
  /** The calls whose streams were subscribed, in their order: one for each subscription. */
  readonly calls: readonly FakeCall[];
  /** When each of them was subscribed, and when unsubscribed: for `expectSubscriptions`. */
  readonly subscriptions: SubscriptionLog[];
}

/**
 * Makes a client for services that take one. It answers with plain Observables of chunks, or, given a fake transport, as
 * a client does: then the options of requests hold, and retries, limits and the judgement of the end are the real ones.
 *
 * @param answers - the same to each call, a list in turn, what a function says of the call; or a `fakeTransport`
 * @param options - those of the client behind a fake transport; `scheduler` also keeps the time of `subscriptions`
 * @example
 * ```ts
 * import { accumulateContent } from 'rxdelta';
 * import { contentChunks, fakeClient } from 'rxdelta/testing';
 *
 * const client = fakeClient([contentChunks('Hello')]);
 * client.chat.completions
 *   .stream({ model: 'gpt-4o-mini', messages: [] })
 *   .pipe(accumulateContent())
 *   .subscribe({ complete: () => console.log(client.calls[0]?.method) }); // chat.completions.stream
 * ```
 */
export function fakeClient(
  answers: FakeTransport | Answers<FakeClientAnswer, FakeCall>,
  options: ClientOptions = {},
): FakeClient {
  const { scheduler = asyncScheduler } = options;
  const calls: FakeCall[] = [];
  const subscriptions: SubscriptionLog[] = [];
  const client = isTransport(answers)
    ? createClient({ apiKey: null, baseURL: 'http://api.test/v1', ...options, transport: answers })
    : undefined;
  const answerTo = answersInTurn<FakeClientAnswer, FakeCall>(isTransport(answers) ? [] : answers);

  /** The answer to a call, prepared or asked for, noted when it is subscribed. */
  const log = <V>(call: FakeCall, source: Observable<V>) =>
    defer(() => {
      calls.push(asSent(call));
      return source;
    }).pipe(logSubscriptions(subscriptions, scheduler));
  const prepared = <V extends object>(call: FakeCall) => preparedStream<V>(() => answerTo(call));
  const stream = <T extends object>(call: FakeCall, ask: (client: Client) => ChunkStream<T>) => {
    const { opener } = client ? ask(client) : prepared<T>(call);
    return new ChunkStream<T>({
      ...opener,
      chunks: (gate) => log(call, opener.chunks(gate)),
      withResponse: () => log(call, opener.withResponse()),
      events: () => log(call, opener.events()),
    });
  };

  return {
    calls,
    subscriptions,
    chat: {
      completions: {
        stream: (params, request) =>
          stream({ method: 'chat.completions.stream', params, ...given(request) }, ({ chat }) =>
            chat.completions.stream(params, request),
          ),
      },
    },
    responses: {
      stream: (params, request) =>
        stream({ method: 'responses.stream', params, ...given(request) }, ({ responses }) =>
          responses.stream(params, request),
        ),
      resume: (responseId, request) =>
        stream({ method: 'responses.resume', responseId, ...given(request) }, ({ responses }) =>
          responses.resume(responseId, request),
        ),
      cancel: (responseId, request) => {
        const call: FakeCall = { method: 'responses.cancel', responseId, ...given(request) };
        return log(call, client?.responses.cancel(responseId, request) ?? prepared<Response>(call));
      },
    },
    stream: (path, params, request) =>
      stream({ method: 'stream', path, params, ...given(request) }, (real) => real.stream(path, params, request)),
  };
}

/** A copy of what is sent, since a program may go on with the same list of messages. */
function asSent({ params, ...call }: FakeCall): FakeCall {
  return params ? { ...call, params: JSON.parse(JSON.stringify(params)) as object } : call;
}

function isTransport(answers: unknown): answers is FakeTransport {
  return typeof answers === 'function' && 'requests' in answers;
}

function given(options: object | undefined): { options?: object } {
  return options ? { options } : {};
}
