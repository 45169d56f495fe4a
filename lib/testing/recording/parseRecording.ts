import { checkRecording } from './checkRecording.ts';
import type { Recording } from './Recording.ts';
import { RecordingError } from './RecordingError.ts';

/**
 * Reads the text of a recording, as `serializeRecording` and the `write` of `recordTransport` give it.
 *
 * @param text - JSON; a byte order mark before it is no fault
 * @throws RecordingError (`format`) when it is not JSON, or lacks something, and says where; (`version`) when it was
 *   written in a format that this version does not know
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseRecording } from 'rxdelta/testing';
 *
 * const { exchanges } = parseRecording(readFileSync('answer.json', 'utf8'));
 * console.log(exchanges.map(({ request }) => request.url));
 * ```
 */
export function parseRecording(text: string): Recording {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, '')); // editors may put a byte order mark before it
  } catch (cause) {
    throw new RecordingError('The recording is not JSON', 'format', { cause });
  }
  return checkRecording(value);
}
