/** What went wrong, one word per error class; `switch (error.kind)` narrows an `AnyAPIError`. */
export type APIErrorKind = 'connection' | 'timeout' | 'truncated' | 'status' | 'stream' | 'malformed' | 'abort';

/** What every error of rxdelta may be given. */
export interface APIErrorOptions {
  /** The server's `x-request-id`, when a head had arrived. */
  requestId?: string | undefined;
  /** The wait the server asked for, in milliseconds: `Retry-After`, or the last `retry:` field of the stream. */
  retryAfterMs?: number | undefined;
  /** Overrides what the class decides about a retry. */
  retryable?: boolean | undefined;
  /** The error behind this one. */
  cause?: unknown;
}

/** Marks the errors of every copy of the package. */
export const API_ERROR = Symbol.for('rxdelta.APIError');

/**
 * The abstract base of all errors that a stream of rxdelta ends with. Neither its message nor its fields hold a key, a
 * credential or a request body.
 *
 * @see isAPIError for a check that holds across the ESM and the CommonJS copy of the package
 */
export abstract class APIError extends Error {
  /** Tells the seven classes apart. */
  abstract readonly kind: APIErrorKind;
  /** Whether the same request, sent again, may well succeed. Decided once, when the error is made. */
  declare readonly retryable: boolean;
  /** The server's `x-request-id`, when a head had arrived. */
  declare requestId?: string;
  /** The wait the server asked for, in milliseconds. */
  declare retryAfterMs?: number;
  /**
   * How many attempts failed, this one included; set where there are retries. A stream that is resumed counts from its last
   * event.
   */
  declare attempts?: number;

  /**
   * @param options - those that are set become fields; `cause` as errors have it
   * @param retryable - what the class decides, unless the options say otherwise; false unless given
   */
  constructor(message: string, options: APIErrorOptions, retryable = false) {
    super(message, options);
    this.retryable = options.retryable ?? retryable;
    // The cause, which Error has set, stays one of the fields that do not show.
    for (const [name, value] of Object.entries(options) as [string, unknown][]) {
      if (value !== undefined) Object.assign(this, { [name]: value });
    }
  }

  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- a field would show in every inspection
  get [API_ERROR](): boolean {
    return true;
  }

  /** The fields of the error with its name and message, without stack and cause: fit for a log. */
  toJSON(): object {
    return Object.assign({ name: this.name, message: this.message }, this);
  }
}
