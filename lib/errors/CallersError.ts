/**
 * Carries an error of the caller's own code, which runs in the middle of a request, as its cause through the client: that is
 * handed on as it is, instead of being cleaned of what a server may have echoed.
 */
export class CallersError extends Error {
  /** Runs code of the caller's. */
  static of<T>(run: () => T): T {
    try {
      return run();
    } catch (cause) {
      throw new CallersError(undefined, { cause });
    }
  }
}
