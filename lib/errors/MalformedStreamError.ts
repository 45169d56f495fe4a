import { APIError, type APIErrorOptions } from './APIError.ts';

/** What was wrong with the answer. */
export type MalformedReason = 'json' | 'event-too-large' | 'content-type' | 'encoding' | 'protocol';

/** What a `MalformedStreamError` may be given. */
export interface MalformedStreamErrorOptions extends APIErrorOptions {
  /** What was wrong. */
  reason: MalformedReason;
}

/**
 * The answer is not a stream of events that can be read: not JSON, an event over the limit, another content type, an
 * unknown content coding, not HTTP. Not retryable.
 */
export class MalformedStreamError extends APIError {
  override get name(): string {
    return 'MalformedStreamError';
  }
  readonly kind = 'malformed';
  /** What was wrong. */
  declare readonly reason: MalformedReason;

  // eslint-disable-next-line @typescript-eslint/no-useless-constructor -- narrows the options
  constructor(message: string, options: MalformedStreamErrorOptions) {
    super(message, options);
  }
}
