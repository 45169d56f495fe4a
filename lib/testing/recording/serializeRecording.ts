import type { Recording } from './Recording.ts';

/**
 * Writes a recording as text: indented JSON, with one line for each event, fit for a file under version control.
 *
 * @param recording - that of a `recordTransport`, or one that was read
 * @example
 * ```ts
 * import { createClient, fetchTransport } from 'rxdelta';
 * import { recordTransport, serializeRecording } from 'rxdelta/testing';
 *
 * const transport = recordTransport(fetchTransport());
 * createClient({ transport })
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [] })
 *   .subscribe({ complete: () => console.log(serializeRecording(transport.recording)) });
 * ```
 */
export function serializeRecording(recording: Recording): string {
  return `${JSON.stringify(recording, null, 2)}\n`;
}
