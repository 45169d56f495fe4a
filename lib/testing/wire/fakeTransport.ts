import { asyncScheduler, defer, type SchedulerLike } from 'rxjs';
import type { Transport, TransportRequest } from '../../transport/Transport.ts';
import { answersInTurn, type Answers } from '../answersInTurn.ts';
import { logSubscriptions, type SubscriptionLog } from '../logSubscriptions.ts';
import type { FakeAnswer } from './FakeAnswer.ts';
import type { FakeRequest } from './FakeRequest.ts';
import { isCredential } from './isCredential.ts';
import { parsedBody } from './parsedBody.ts';
import { playAnswer } from './playAnswer.ts';
import { REDACTED, withoutSecrets } from './withoutSecrets.ts';

/** Options of `fakeTransport`. */
export interface FakeTransportOptions {
  /** Keeps the time. Default `asyncScheduler`, which is virtual within `TestScheduler.run`. */
  scheduler?: SchedulerLike | undefined;
}

/** A transport that needs no network, and remembers what it was asked. */
export interface FakeTransport extends Transport {
  /** The requests that were sent, that is, subscribed, in their order. */
  readonly requests: readonly FakeRequest[];
  /** When each of them was subscribed, and when unsubscribed: for `expectSubscriptions`. */
  readonly subscriptions: SubscriptionLog[];
}

/**
 * Makes a transport that answers by what it was given: the same to each request, a list in turn, or what a function says
 * of the request. A list that has come to its end makes an error of the next request, which is no `APIError` and so is
 * never retried.
 *
 * An answer is a body (an Observable in time, such as `cold(…)`, or a list at once; of chunks, events, text or bytes), a
 * response with status and headers, or an error. Only `[DONE]` is added, and only to a chat answer that is whole.
 *
 * @param answers - a list holds one answer per request: the chunks of a single one are a list in the list
 * @param options - the scheduler, if it is not that of `TestScheduler.run`
 * @example
 * ```ts
 * import { accumulateContent, createClient } from 'rxdelta';
 * import { contentChunks, fakeTransport } from 'rxdelta/testing';
 *
 * const transport = fakeTransport([{ status: 429 }, contentChunks('Hello')]);
 * createClient({ apiKey: 'key', transport, retry: {} })
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [] })
 *   .pipe(accumulateContent())
 *   .subscribe({ complete: () => console.log(transport.requests.length) }); // 2
 * ```
 */
export function fakeTransport(
  answers: Answers<FakeAnswer, FakeRequest>,
  { scheduler = asyncScheduler }: FakeTransportOptions = {},
): FakeTransport {
  const requests: FakeRequest[] = [];
  const subscriptions: SubscriptionLog[] = [];
  const answerTo = answersInTurn<FakeAnswer, FakeRequest>(answers);
  const transport: Transport = (request) =>
    defer(() => {
      const seen = seenOf(request);
      requests.push(seen);
      return playAnswer(answerTo(seen), request, scheduler);
    }).pipe(logSubscriptions(subscriptions, scheduler));
  return Object.assign(transport, { requests, subscriptions });
}

function seenOf({ method, url, headers, body }: TransportRequest): FakeRequest {
  const shown = Object.entries(headers).map(([name, value]) => [name, isCredential(name) ? REDACTED : value]);
  return {
    method,
    url: withoutSecrets(url),
    headers: Object.fromEntries(shown) as Record<string, string>,
    body: parsedBody(body),
  };
}
