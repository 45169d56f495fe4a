import { isAPIError } from '../errors/isAPIError.ts';
import { publicStatus } from './publicStatus.ts';
import { RefusalError } from './RefusalError.ts';
import { word } from './word.ts';

/** What goes with a status of our own. */
const REFUSAL_HEADERS: Record<number, Record<string, string>> = {
  405: { allow: 'POST, OPTIONS' },
  503: { 'retry-after': '1' },
};

/** The head of an answer that failed before it began. */
export interface FailureHead {
  status: number;
  headers: Record<string, string>;
}

/** The status that a reader is shown for an error, and when to try again. */
export function failureHead(error: unknown): FailureHead {
  if (error instanceof RefusalError) return { status: error.status, headers: REFUSAL_HEADERS[error.status] ?? {} };
  if (!isAPIError(error)) return { status: 500, headers: { 'x-should-retry': 'false' } };
  const { requestId, retryAfterMs, retryable } = error;
  const headers: Record<string, string> = { 'x-should-retry': `${retryable}` };
  const id = word(requestId);
  if (id) headers['x-request-id'] = `${id}`;
  if (retryAfterMs !== undefined && retryAfterMs >= 0 && retryAfterMs < 1e12) {
    headers['retry-after-ms'] = `${Math.ceil(retryAfterMs)}`;
    headers['retry-after'] = `${Math.ceil(retryAfterMs / 1000)}`;
  }
  return { status: publicStatus(error), headers };
}
