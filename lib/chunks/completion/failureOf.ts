import { APIStreamError } from '../../errors/APIStreamError.ts';
import { readAPIErrorBody } from './readAPIErrorBody.ts';

/**
 * The failure that a chunk reports although it is a chunk: `response.failed` carries the error in its response.
 *
 * @param type - the chunk's type, where it may also stand on the `event:` line
 */
export function failureOf(chunk: object, type: unknown = (chunk as { type?: unknown }).type): APIStreamError | undefined {
  if (type !== 'response.failed') return undefined;
  const { response } = chunk as { response?: { error?: unknown } | null };
  return streamError(response?.error ?? 'The response failed');
}

/** The typed error of what a server reports inside a stream. */
export function streamError(report: unknown): APIStreamError {
  const { message, ...fields } = readAPIErrorBody(report) ?? {};
  return new APIStreamError(message ?? 'The server reported an error inside the stream', fields);
}
