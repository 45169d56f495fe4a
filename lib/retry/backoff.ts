/**
 * The wait before a retry when the server asks for none: it doubles from retry to retry, less a random part, so that
 * clients that failed together do not come back together.
 *
 * @param retryIndex - 0 for the first retry
 * @param initialDelayMs - before the first retry, in milliseconds
 * @param maxDelayMs - the longest wait, in milliseconds
 * @param jitter - the largest part that is taken off, 0 to 1
 * @param random - gives numbers from 0 to 1
 */
export function backoff(
  retryIndex: number,
  initialDelayMs: number,
  maxDelayMs: number,
  jitter: number,
  random: () => number,
): number {
  // No wait at all, doubled for ever, is still none.
  const delayMs = initialDelayMs * 2 ** retryIndex || 0;
  return Math.min(delayMs, maxDelayMs) * (1 - jitter * random());
}
