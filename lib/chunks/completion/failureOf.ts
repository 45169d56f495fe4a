import { APIStreamError } from '../../errors/APIStreamError.ts';
import { readAPIErrorBody } from './readAPIErrorBody.ts';

/**
 * The failure that a chunk reports although it is a chunk: `response.failed` carries the error in its response.
 *
 * @param type - the chunk's type, where it may also stand on the `event:` line
 */
export function failureOf(chunk: object, type: unknown): APIStreamError | undefined {
  return type === 'response.failed' ? streamError((chunk as { response?: unknown }).response) : undefined;
}

/** The typed error of what a server reports inside a stream. */
export function streamError(report: unknown): APIStreamError {
  const { message = 'The server failed', ...fields } = readAPIErrorBody(report);
  return new APIStreamError(message, fields);
}
