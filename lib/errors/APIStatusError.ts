import { APIError, type APIErrorOptions } from './APIError.ts';

/** What an `APIStatusError` may be given. */
export interface APIStatusErrorOptions extends APIErrorOptions {
  /** The HTTP status code. */
  status: number;
  /** The response's headers, by lower-case name. */
  headers?: Record<string, string> | undefined;
  /** The API's code, for example `rate_limit_exceeded`; a number with some servers. */
  code?: string | number | null | undefined;
  /** The API's type, for example `invalid_request_error`. */
  type?: string | null | undefined;
  /** The parameter that the API complains of. */
  param?: string | null | undefined;
}

/**
 * The server answered with a status outside 200–299.
 *
 * Retryable are 408, 409, 429 and 5xx, but not `insufficient_quota`; the header `x-should-retry` decides otherwise.
 */
export class APIStatusError extends APIError {
  override get name(): string {
    return 'APIStatusError';
  }
  readonly kind = 'status';
  /** The HTTP status code. */
  declare readonly status: number;
  /** The response's headers, by lower-case name. */
  declare readonly headers: Record<string, string>;
  /** The API's code, for example `rate_limit_exceeded`; a number with some servers. */
  declare readonly code?: string | number | null;
  /** The API's type, for example `invalid_request_error`. */
  declare readonly type?: string | null;
  /** The parameter that the API complains of. */
  declare readonly param?: string | null;

  constructor(message: string, options: APIStatusErrorOptions) {
    super(message, { ...options, headers: options.headers ?? {} } as APIErrorOptions, isRetryable(options));
  }
}

function isRetryable({ status, headers, code, type }: APIStatusErrorOptions): boolean {
  const advice = headers?.['x-should-retry'] ?? '';
  if (/^(true|false)$/.test(advice)) return advice === 'true';
  return /^(408|409|429|5..)$/.test(`${status}`) && ![code, type].includes('insufficient_quota');
}
