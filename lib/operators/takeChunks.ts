import { take, type MonoTypeOperatorFunction } from 'rxjs';

/**
 * Emits at most the first `count` chunks, then completes and closes the connection.
 *
 * ```marbles
 * chunks   --a--b--c--d--
 *          takeChunks(2)
 * result   --a--(b|)
 * ```
 *
 * The source is unsubscribed as soon as the last chunk has been handed on, so the server stops at once. A source that
 * ends earlier passes its completion or error through. With 0 nothing is emitted and no request is made.
 *
 * @param count - how many chunks, a whole number from 0
 * @throws RangeError at once when `count` is no such number
 * @example
 * ```ts
 * import { createClient, takeChunks } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] })
 *   .pipe(takeChunks(10))
 *   .subscribe((chunk) => console.log(chunk.choices[0]?.delta.content));
 * ```
 * @see https://rxjs.dev/api/operators/take
 */
/* @__NO_SIDE_EFFECTS__ */
export function takeChunks<T>(count: number): MonoTypeOperatorFunction<T> {
  if (!Number.isInteger(count) || count < 0) throw new RangeError('takeChunks needs a whole number of at least 0');
  return take(count);
}
