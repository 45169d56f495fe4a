import { APIConnectionError } from '../../errors/APIConnectionError.ts';
import { APIConnectionTimeoutError } from '../../errors/APIConnectionTimeoutError.ts';
import type { APIError } from '../../errors/APIError.ts';
import { MalformedStreamError } from '../../errors/MalformedStreamError.ts';
import type { RecordedError } from './Recording.ts';

/** The error of a transport as it was recorded: of one that is unknown, a failed connection. */
export function replayedError({ kind, message, phase = 'body', reason, retryable }: RecordedError): APIError {
  if (kind === 'malformed') return new MalformedStreamError(message, { reason: reason ?? 'protocol', retryable });
  if (kind === 'timeout') return new APIConnectionTimeoutError(message, { phase, retryable });
  return new APIConnectionError(message, { phase, retryable });
}
