import { defer, retry, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { AttemptMarker } from '../retry/AttemptMarker.ts';
import { retryDelay } from '../retry/retryDelay.ts';
import type { RetryWithBackoffOptions } from '../retry/RetryWithBackoffOptions.ts';

/**
 * Subscribes the source again when it ends with a retryable error, after a wait that grows.
 *
 * ```marbles
 * source   --#
 *               ----a-b-|
 *          retryWithBackoff({ initialDelayMs: 3, jitter: 0 })
 * result   ---------a-b-|
 * ```
 *
 * The wait is what the server asked for (`Retry-After`), else `min(initialDelayMs * 2 ** n, maxDelayMs)` less up to a
 * quarter at random; an SSE `retry:` is a floor for it. Completion passes through. Unsubscribing ends the attempt or the
 * wait. Attempts never overlap, and their count never starts again.
 *
 * What fails after a chunk was emitted is not retried unless `afterFirstChunk: 'restart'`. Then each chunk is marked with
 * its attempt, so that the accumulators of this package behind it start afresh with its first chunk; an attempt that
 * completes without a chunk tells them nothing. The mark stays with the object: it
 * survives `filter`, `take`, `delay` and `observeOn`, not chunks copied by `map`, nor operators that emit text. An
 * accumulator in front of the retry starts afresh by itself.
 *
 * @param options - `maxRetries` 2, `initialDelayMs` 500, `maxDelayMs` 8000, `jitter` 0.25, `maxRetryAfterMs` 60000,
 *   `afterFirstChunk` `'fail'`, `shouldRetry`, `onRetry`, `random`, `signal`, `scheduler`
 * @throws the last error, the same object, with `attempts` set
 * @throws RangeError at once when a number is negative or NaN, or `jitter` above 1
 * @example
 * ```ts
 * import { accumulateContent, createClient, retryWithBackoff } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] })
 *   .pipe(
 *     retryWithBackoff({ maxRetries: 3, onRetry: ({ delayMs }) => console.log(`again in ${delayMs} ms`) }),
 *     accumulateContent(),
 *   )
 *   .subscribe((text) => console.log(text));
 * ```
 * @see https://rxjs.dev/api/operators/retry
 */
/* @__NO_SIDE_EFFECTS__ */
export function retryWithBackoff<T>(options: RetryWithBackoffOptions = {}): MonoTypeOperatorFunction<T> {
  const wait = retryDelay(options);
  return (source) =>
    defer(() => {
      const marker = options.afterFirstChunk === 'restart' ? new AttemptMarker() : undefined;
      let hasEmitted = false;
      return source.pipe(
        tap((chunk) => {
          hasEmitted = true;
          marker?.mark(chunk);
        }),
        retry({
          delay: (error: unknown, attempts) => {
            const delay = wait(error, attempts, marker !== undefined || !hasEmitted);
            marker?.begin(error);
            return delay;
          },
        }),
      );
    });
}
