import { isAPIError } from 'rxdelta';

/** What went wrong, for the person who asked. */
export function explainError(error: unknown): string {
  if (!isAPIError(error)) return error instanceof Error ? error.message : String(error);
  switch (error.kind) {
    case 'status':
      return error.status === 429
        ? `Too many questions at once (429). ${again(error.retryAfterMs)}`
        : `${error.message} (${error.status}).`;
    case 'truncated':
      return 'The answer was cut before its end.';
    case 'timeout':
      return 'The API took too long.';
    case 'connection':
      return 'The connection broke.';
    default:
      return error.message;
  }
}

function again(retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined ? 'Try again in a moment.' : `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
}
