import { defer, filter, retry, tap } from 'rxjs';
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
  rest: (responseId: string, startingAfter: number) => ReturnType<Plan['build']>,
  isBackground: unknown,
): StreamOpener<ResponseStreamEvent> {
  const { scheduler, signal, retry: options } = first;
  const wait = retryDelay({ scheduler, signal, ...options });
  const once = { ...first, retry: false } as const;
  return {
    ...openStream(once),
    chunks: (gate) =>
      defer(() => {
        if (isBackground !== true) throw new TypeError('resume needs background: true');
        let id: string | undefined;
        let last: number | undefined;
        let after: number | undefined;
        const build = () => {
          after = last;
          return id && after !== undefined ? rest(id, after) : first.build();
        };
        const chunks = openStream({ ...once, build }).chunks(gate);
        return chunks.pipe(
          // A server may begin with what is known.
          filter((event) => !((numberOf(event) ?? Infinity) <= (after ?? -1))),
          tap((event) => {
            id ??= (event as { response?: { id?: string } }).response?.id;
            last = numberOf(event) ?? last;
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

function numberOf(event: ResponseStreamEvent): number | null | undefined {
  return (event as { sequence_number?: number | null }).sequence_number;
}
