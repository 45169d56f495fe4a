import { isAPIError } from 'rxdelta';

/** One line that says what went wrong. The errors of rxdelta hold neither a key nor the request. */
export function explainError(error: unknown): string {
  return sentenceOf(error).replace(/\s+/g, ' ');
}

function sentenceOf(error: unknown): string {
  if (!isAPIError(error)) return error instanceof Error ? error.message : String(error);
  switch (error.kind) {
    case 'status':
      return `The server refused the request (status ${error.status}): ${error.message}`;
    case 'truncated':
      return `The answer was cut after chunk ${error.chunkCount}: ${error.message}`;
    case 'stream':
      return `The server reported an error: ${error.message}`;
    default:
      return error.message;
  }
}
