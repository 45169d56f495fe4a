import { APIConnectionError, type ConnectionPhase } from './APIConnectionError.ts';

/** A time limit passed, and the connection was closed; `phase` names the limit. Retryable. */
export class APIConnectionTimeoutError extends APIConnectionError {
  override get name(): string {
    return 'APIConnectionTimeoutError';
  }
  override readonly kind = 'timeout';

  /** The error of a limit of our own that has passed. */
  static after(phase: ConnectionPhase, limitMs: number): APIConnectionTimeoutError {
    return new APIConnectionTimeoutError(`The ${phase} limit of ${limitMs} ms passed`, { phase });
  }
}
