import { APIError, type APIErrorOptions } from './APIError.ts';

/** The caller's `AbortSignal` fired; `cause` is the signal's reason. Unsubscribing, in contrast, is silent. Not retryable. */
export class APIUserAbortError extends APIError {
  override get name(): string {
    return 'APIUserAbortError';
  }
  readonly kind = 'abort';

  constructor(message = 'The request was aborted', options: APIErrorOptions = {}) {
    super(message, options);
  }
}
