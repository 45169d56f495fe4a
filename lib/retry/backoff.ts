import type { RetryWithBackoffOptions } from './RetryWithBackoffOptions.ts';

/**
 * The wait before a retry when the server asks for none: it doubles from retry to retry, less a random part, so that
 * clients that failed together do not come back together.
 *
 * @param retryIndex - 0 for the first retry
 * @param options - `initialDelayMs` 500, `maxDelayMs` 8000, `jitter` 0.25, `random`
 */
export function backoff(
  retryIndex: number,
  { initialDelayMs = 500, maxDelayMs = 8000, jitter = 0.25, random = Math.random }: RetryWithBackoffOptions,
): number {
  // No wait at all, doubled for ever, is still none.
  const delayMs = initialDelayMs * 2 ** retryIndex || 0;
  return Math.min(delayMs, maxDelayMs) * (1 - jitter * random());
}
