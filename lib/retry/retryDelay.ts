import { race, timer, type Observable } from 'rxjs';
import { isAPIError, type AnyAPIError } from '../errors/isAPIError.ts';
import { aborted } from '../rx/aborted.ts';
import { backoff } from './backoff.ts';
import type { RetryWithBackoffOptions } from './RetryWithBackoffOptions.ts';

/** Timers take no longer delays; of a longer one they make none. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Makes the function that decides after a failure: it gives what emits when the next attempt is due, or throws the error
 * again when there is to be none. As the `delay` of the RxJS operator `retry`.
 *
 * @throws RangeError at once when a number among the options is negative or NaN, or `jitter` above 1
 */
export function retryDelay(
  options: RetryWithBackoffOptions = {},
): (error: unknown, attempts: number, isAllowed: boolean) => Observable<unknown> {
  const { maxRetries = 2, maxRetryAfterMs = 60_000 } = options;
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number' && !(value >= 0 && (value <= 1 || name !== 'jitter'))) {
      throw new RangeError(`${name} is out of range`);
    }
  }
  return (error, attempts, isAllowed) => {
    const retryIndex = attempts - 1;
    const { retryable, retryAfterMs, kind } = isAPIError(error) ? error : ({} as Partial<AnyAPIError>);
    // Whoever aborted wants no other attempt, which would only abort again.
    const mayRetry = isAllowed && retryIndex < maxRetries && kind !== 'abort';
    if (
      !(mayRetry && (options.shouldRetry?.(error, retryIndex) ?? retryable)) ||
      (retryAfterMs ?? 0) > maxRetryAfterMs
    ) {
      if (isAPIError(error)) error.attempts = attempts;
      throw error;
    }
    const isAsked = kind === 'status' && retryAfterMs !== undefined;
    const waitMs = isAsked ? 0 : backoff(retryIndex, options);
    const delayMs = Math.min(Math.max(waitMs, retryAfterMs ?? 0), MAX_TIMER_MS);
    options.onRetry?.({ error, retryIndex, delayMs });
    return race(aborted(options.signal), timer(delayMs, options.scheduler));
  };
}
