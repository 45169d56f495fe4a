import { APIError, type APIErrorOptions } from './APIError.ts';

/**
 * Where a request was when its connection failed: opening the socket, waiting for the head, reading the body; or which
 * limit passed: the silence on the wire, the wait for the next chunk, the whole request.
 */
export type ConnectionPhase = 'connect' | 'head' | 'body' | 'idle' | 'chunk' | 'total';

/** What an `APIConnectionError` may be given. */
export interface APIConnectionErrorOptions extends APIErrorOptions {
  /** Where the request was. */
  phase: ConnectionPhase;
}

/** The connection could not be made, or broke before the stream was complete. Retryable. */
export class APIConnectionError extends APIError {
  override get name(): string {
    return 'APIConnectionError';
  }
  readonly kind: 'connection' | 'timeout' | 'truncated' = 'connection';
  /** Where the request was. */
  declare readonly phase: ConnectionPhase;

  constructor(message: string, options: APIConnectionErrorOptions) {
    super(message, options, true);
  }
}
