import type { APIConnectionError } from './APIConnectionError.ts';
import type { APIConnectionTimeoutError } from './APIConnectionTimeoutError.ts';
import { API_ERROR } from './APIError.ts';
import type { APIStatusError } from './APIStatusError.ts';
import type { APIStreamError } from './APIStreamError.ts';
import type { APIUserAbortError } from './APIUserAbortError.ts';
import type { MalformedStreamError } from './MalformedStreamError.ts';
import type { StreamTruncatedError } from './StreamTruncatedError.ts';

/** Every error of rxdelta, so that `switch (error.kind)` narrows. */
export type AnyAPIError =
  | (APIConnectionError & { readonly kind: 'connection' })
  | APIConnectionTimeoutError
  | StreamTruncatedError
  | APIStatusError
  | APIStreamError
  | MalformedStreamError
  | APIUserAbortError;

/**
 * Whether a value is an error of rxdelta. It looks for a `Symbol.for` brand, so it also knows the errors of another
 * copy of the package, where `instanceof` fails.
 *
 * @param value - anything, as a `catch` gives it
 * @example
 * ```ts
 * import { isAPIError } from 'rxdelta';
 *
 * export function explain(error: unknown): string {
 *   if (!isAPIError(error)) return 'a bug';
 *   switch (error.kind) {
 *     case 'status':
 *       return `HTTP ${error.status}`;
 *     case 'truncated':
 *       return `cut after ${error.chunkCount} chunks`;
 *     default:
 *       return error.message;
 *   }
 * }
 * ```
 */
export function isAPIError(value: unknown): value is AnyAPIError {
  return (Object(value) as Record<symbol, unknown>)[API_ERROR] === true;
}
