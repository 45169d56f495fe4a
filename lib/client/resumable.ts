import { defer, filter, retry } from 'rxjs';
import type { StreamOpener } from '../chunks/ChunkStream.ts';
import type { AnyAPIError } from '../errors/isAPIError.ts';
import type { ResponseStreamEvent } from '../openai/index.ts';
import { retryDelay } from '../retry/retryDelay.ts';
import { openStream, type StreamPlan } from './openStream.ts';

type Plan = StreamPlan<ResponseStreamEvent>;

/**
 * Goes on with a background Response after a break, by requests for the rest: each event comes once, and the count of
 * tries starts again with it. A break before the Response is known is delivered.
 *
 * @param first - the request that makes the Response, which is never sent again
 * @param rest - a request for what follows the event with that number
 * @param isBackground - anything but true is an error at subscription, since the Response ends with its connection then
 */
export function resumable(
  first: Plan,
  rest: (responseId: string, startingAfter: number) => Plan,
  isBackground: unknown,
): StreamOpener<ResponseStreamEvent> {
  const wait = retryDelay(first.retry === false ? {} : (first.retry ?? {}));
  const once = (plan: Plan) => openStream({ ...plan, retry: false });
  return {
    ...once(first),
    chunks: (gate) =>
      defer(() => {
        if (isBackground !== true) throw new TypeError('resume needs background: true');
        let id: string | undefined;
        let last: number | undefined;
        return defer(() => once(id && last !== undefined ? rest(id, last) : first).chunks(gate)).pipe(
          filter((event) => {
            const { response, sequence_number: number } = event as {
              response?: { id?: string };
              sequence_number?: number;
            };
            id ??= response?.id;
            const isKnown = Number(number) <= Number(last);
            last = number ?? last;
            return !isKnown;
          }),
          retry({
            resetOnSuccess: true,
            // What the server says inside the stream is its last word.
            delay: (error: AnyAPIError, attempts) =>
              wait(error, attempts, error.kind !== 'stream' && Boolean(id) && last !== undefined),
          }),
        );
      }),
  };
}
