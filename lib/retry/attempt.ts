/** An attempt after the first, as `retryWithBackoff` made it: told apart by identity. */
export interface Attempt {
  /** The error that ended the attempt before. */
  readonly cause: unknown;
}

/** One map for all copies of the package in the process. It comes into being with the first restart. */
const place = Symbol.for('rxdelta.attempts');

type Attempts = WeakMap<object, Attempt>;

function attempts(): Attempts | undefined {
  return (globalThis as Record<symbol, Attempts | undefined>)[place];
}

/** Notes that a chunk belongs to a later attempt. */
export function markAttempt(chunk: object, attempt: Attempt): void {
  let map = attempts();
  if (!map) {
    map = new WeakMap();
    Object.defineProperty(globalThis, place, { value: map });
  }
  map.set(chunk, attempt);
}

/** The attempt that a chunk belongs to; undefined for the first one, and for whatever did not come from a retry. */
export function attemptOf(chunk: unknown): Attempt | undefined {
  return typeof chunk === 'object' && chunk !== null ? attempts()?.get(chunk) : undefined;
}
