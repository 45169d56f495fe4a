import type { SchedulerLike } from 'rxjs';

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
  /** Decides where it gives true or false; undefined means the rule: `error.retryable`. An abort is never retried. */
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
