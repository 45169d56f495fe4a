import { defer, fromEvent, race, retry, tap, timer, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { isAPIError, type AnyAPIError } from '../errors/isAPIError.ts';
import { AttemptMarker } from '../retry/AttemptMarker.ts';
import { backoff } from '../retry/backoff.ts';

/** What `onRetry` is told. */
export interface RetryNotice {
  /** The error that is retried. */
  error: unknown;
  /** 0 for the first retry. */
  retryIndex: number;
  /** The wait before it, in milliseconds. */
  delayMs: number;
}

/** Options of `retryWithBackoff`. */
export interface RetryWithBackoffOptions {
  /** The most retries after the first attempt. Default 2. */
  maxRetries?: number;
  /** The wait before the first retry, in milliseconds; it doubles with each. Default 500. */
  initialDelayMs?: number;
  /** The longest such wait, in milliseconds. Default 8000. */
  maxDelayMs?: number;
  /** The largest part that chance takes off the wait, 0 to 1. Not applied to a wait that the server asks for. Default 0.25. */
  jitter?: number;
  /** A server that asks for a longer wait is not retried, in milliseconds. Default 60000. */
  maxRetryAfterMs?: number;
  /**
   * After a chunk was emitted: `fail` (the default) delivers the error, since a new request starts the answer again;
   * `restart` makes the new request, and accumulators further down start afresh.
   */
  afterFirstChunk?: 'fail' | 'restart';
  /** Decides where it gives true or false; undefined means the rule: `error.retryable`. */
  shouldRetry?: (error: unknown, retryIndex: number) => boolean | undefined;
  /** Told before each wait. */
  onRetry?: (notice: RetryNotice) => void;
  /** Gives numbers from 0 to 1. Default `Math.random`. */
  random?: () => number;
  /** Ends a wait when it fires: the next attempt, whose request was given the same signal, then ends with its error. */
  signal?: AbortSignal | undefined;
  /** Keeps the waits. Default `asyncScheduler`. */
  scheduler?: SchedulerLike;
}

/**
 * Subscribes the source again when it ends with a retryable error, after a wait that grows.
 *
 * ```text
 * source   --#
 *            ----a-b-|
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
  const { maxRetries = 2, afterFirstChunk, onRetry, scheduler, signal } = options;
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number' && !(value >= 0 && (value <= 1 || name !== 'jitter'))) {
      throw new RangeError(`${name} is out of range`);
    }
  }
  return (source) =>
    defer(() => {
      const marker = afterFirstChunk === 'restart' ? new AttemptMarker() : undefined;
      let hasEmitted = false;
      return source.pipe(
        tap((chunk) => {
          hasEmitted = true;
          marker?.mark(chunk);
        }),
        retry({
          delay: (error: unknown, attempts) => {
            const retryIndex = attempts - 1;
            const isAllowed = retryIndex < maxRetries && (marker !== undefined || !hasEmitted);
            const delayMs = isAllowed ? waitBefore(error, retryIndex, options) : undefined;
            if (delayMs === undefined) {
              if (isAPIError(error)) error.attempts = attempts;
              throw error;
            }
            onRetry?.({ error, retryIndex, delayMs });
            marker?.begin(error);
            const wait = timer(delayMs, scheduler);
            return signal ? race(wait, fromEvent(signal, 'abort')) : wait;
          },
        }),
      );
    });
}

/** Timers take no longer delays; of a longer one they make none. */
const MAX_TIMER_MS = 2_147_483_647;

/** The wait before a retry, or undefined when there is to be none. */
function waitBefore(error: unknown, retryIndex: number, options: RetryWithBackoffOptions): number | undefined {
  const {
    initialDelayMs = 500,
    maxDelayMs = 8000,
    jitter = 0.25,
    maxRetryAfterMs = 60_000,
    random = Math.random,
  } = options;
  const { retryable, retryAfterMs, kind } = isAPIError(error) ? error : ({} as Partial<AnyAPIError>);
  if (!(options.shouldRetry?.(error, retryIndex) ?? retryable) || (retryAfterMs ?? 0) > maxRetryAfterMs)
    return undefined;
  const waitMs =
    kind === 'status' && retryAfterMs !== undefined
      ? 0
      : backoff(retryIndex, initialDelayMs, maxDelayMs, jitter, random);
  return Math.min(Math.max(waitMs, retryAfterMs ?? 0), MAX_TIMER_MS);
}
