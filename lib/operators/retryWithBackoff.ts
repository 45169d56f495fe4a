import { Observable, Subscriber, switchMap, timer, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { isAPIError } from '../errors/isAPIError.ts';
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
 * its attempt, so that the accumulators of this package behind it start afresh. The mark stays with the object: it
 * survives `filter`, `take`, `delay` and `observeOn`, not chunks copied by `map`, nor operators that emit text. An
 * accumulator in front of the retry starts afresh by itself.
 *
 * @param options - `maxRetries` 2, `initialDelayMs` 500, `maxDelayMs` 8000, `jitter` 0.25, `maxRetryAfterMs` 60000,
 *   `afterFirstChunk` `'fail'`, `shouldRetry`, `onRetry`, `random`, `scheduler`
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
  checkOptions(options);
  return (source) => new Observable((destination) => new RetryLoop(source, destination, options).attempt());
}

/** One subscription: its attempts, one after the other. */
class RetryLoop<T> {
  readonly #source: Observable<T>;
  readonly #destination: Subscriber<T>;
  readonly #options: RetryWithBackoffOptions;
  readonly #marker: AttemptMarker | undefined;
  #retryIndex = 0;
  #hasEmitted = false;

  constructor(source: Observable<T>, destination: Subscriber<T>, options: RetryWithBackoffOptions) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    if (options.afterFirstChunk === 'restart') this.#marker = new AttemptMarker();
  }

  attempt(source = this.#source): void {
    source.subscribe(new AttemptSubscriber(this.#destination, this));
  }

  onValue(value: T): void {
    this.#hasEmitted = true;
    this.#marker?.mark(value);
  }

  onError(error: unknown): void {
    const { maxRetries = 2, onRetry, scheduler } = this.#options;
    const retryIndex = this.#retryIndex;
    let delayMs: number | undefined;
    try {
      const isRefused = retryIndex >= maxRetries || (this.#hasEmitted && !this.#marker);
      if (!isRefused) delayMs = waitBefore(error, retryIndex, this.#options);
      if (delayMs !== undefined) onRetry?.({ error, retryIndex, delayMs });
    } catch (thrown) {
      this.#destination.error(thrown);
      return;
    }
    if (delayMs === undefined) {
      if (isAPIError(error)) error.attempts = retryIndex + 1;
      this.#destination.error(error);
      return;
    }
    this.#retryIndex++;
    this.#marker?.begin(error);
    this.attempt(timer(delayMs, scheduler).pipe(switchMap(() => this.#source)));
  }
}

/** Passes one attempt on, all but its error. */
class AttemptSubscriber<T> extends Subscriber<T> {
  readonly #target: Subscriber<T>;
  readonly #loop: RetryLoop<T>;

  constructor(target: Subscriber<T>, loop: RetryLoop<T>) {
    super(target);
    this.#target = target;
    this.#loop = loop;
  }

  protected override _next(value: T): void {
    this.#loop.onValue(value);
    this.#target.next(value);
  }

  protected override _error(error: unknown): void {
    // This attempt is gone before the next one begins.
    this.unsubscribe();
    this.#loop.onError(error);
  }
}

function checkOptions(options: RetryWithBackoffOptions): void {
  for (const name of ['maxRetries', 'initialDelayMs', 'maxDelayMs', 'maxRetryAfterMs', 'jitter'] as const) {
    const value = options[name];
    if (value !== undefined && !(value >= 0)) throw new RangeError(`${name} must be a number of at least 0`);
  }
  if (options.jitter !== undefined && options.jitter > 1) throw new RangeError('jitter must be a number from 0 to 1');
}

/** The wait before a retry, or undefined when there is to be none. */
function waitBefore(error: unknown, retryIndex: number, options: RetryWithBackoffOptions): number | undefined {
  const { initialDelayMs = 500, maxDelayMs = 8000, jitter = 0.25, maxRetryAfterMs = 60_000 } = options;
  const apiError = isAPIError(error) ? error : undefined;
  const isWanted = options.shouldRetry?.(error, retryIndex) ?? apiError?.retryable ?? false;
  const askedMs = apiError?.retryAfterMs;
  if (!isWanted || (askedMs !== undefined && askedMs > maxRetryAfterMs)) return undefined;
  if (askedMs !== undefined && apiError?.kind === 'status') return askedMs;
  return Math.max(backoff(retryIndex, initialDelayMs, maxDelayMs, jitter, options.random ?? Math.random), askedMs ?? 0);
}
