/** One attempt of a stream that starts again when it fails, as `retryWithBackoff` made it. */
export interface Attempt {
  /** The same object for all attempts of one subscription. */
  readonly stream: object;
  /** Grows from attempt to attempt. */
  readonly index: number;
  /** The error that ended the attempt before; undefined for the first. */
  readonly cause: unknown;
}

/** One map for all copies of the package in the process. It comes into being with the first stream that may restart. */
const place = Symbol.for('rxdelta.attempts');
const shared = globalThis as { [place]?: WeakMap<object, Attempt> };

/** Notes that a chunk belongs to an attempt. */
export function markAttempt(chunk: object, attempt: Attempt): void {
  (shared[place] ??= new WeakMap()).set(chunk, attempt);
}

/** The attempt that a chunk belongs to; undefined for whatever did not come from a retry that may restart. */
export function attemptOf(chunk: unknown): Attempt | undefined {
  return shared[place]?.get(chunk as object);
}
