import { APIConnectionError } from './APIConnectionError.ts';
import type { APIErrorOptions } from './APIError.ts';

/** What a `StreamTruncatedError` may be given. */
export interface StreamTruncatedErrorOptions extends APIErrorOptions {
  /** How many chunks had arrived. */
  chunkCount: number;
  /** The `id` of the last event, when the server sends ids. */
  lastEventId?: string | undefined;
}

/**
 * The body ended in good order, but the answer was not whole: no `[DONE]`, no finish reason of every choice, no
 * terminal Responses event. Whatever had arrived was emitted before. Retryable.
 */
export class StreamTruncatedError extends APIConnectionError {
  override get name(): string {
    return 'StreamTruncatedError';
  }
  override readonly kind = 'truncated';
  /** How many chunks had arrived. */
  declare readonly chunkCount: number;
  /** The `id` of the last event, when the server sends ids. */
  declare readonly lastEventId?: string;

  constructor(message: string, options: StreamTruncatedErrorOptions) {
    super(message, { ...options, phase: 'body' });
  }
}
