import { APIError, type APIErrorOptions } from './APIError.ts';

/** What an `APIStreamError` may be given. */
export interface APIStreamErrorOptions extends APIErrorOptions {
  /** The API's code, for example `server_error`; a number with some servers. */
  code?: string | number | null | undefined;
  /** The API's type. */
  type?: string | null | undefined;
  /** The parameter that the API complains of. */
  param?: string | null | undefined;
}

/**
 * The server reported an error inside a stream that had begun well. Retryable when it says that it is overloaded or
 * that a rate limit was met; never for `insufficient_quota`.
 */
export class APIStreamError extends APIError {
  override get name(): string {
    return 'APIStreamError';
  }
  readonly kind = 'stream';
  /** The API's code, for example `server_error`; a number with some servers. */
  declare readonly code?: string | number | null;
  /** The API's type. */
  declare readonly type?: string | null;
  /** The parameter that the API complains of. */
  declare readonly param?: string | null;

  constructor(message: string, options: APIStreamErrorOptions = {}) {
    super(message, options, isOverload(`${options.code} ${options.type}`));
  }
}

function isOverload(words: string): boolean {
  return (
    !words.includes('insufficient_quota') && /\b(429|503|529)\b|rate_?limit|overload|too_many|slow_down/i.test(words)
  );
}
