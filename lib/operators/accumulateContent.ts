import type { OperatorFunction } from 'rxjs';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import { accumulateText } from './accumulateText.ts';
import { contentDelta } from './contentDelta.ts';
import type { ContentOptions } from './contentDeltas.ts';

/**
 * Emits the text so far, each time that it grows.
 *
 * ```marbles
 * chunks   --Hel--lo-----(finish)|
 *          accumulateContent()
 * text     --Hel--Hello----------|
 * ```
 *
 * It reads chat chunks and Responses events alike. Completion and errors pass through, so the last text stands where a
 * stream was cut; an empty source, or an answer without text, gives nothing: give `lastValueFrom` a default.
 * Unsubscribing unsubscribes the source. After a retry upstream that starts the answer again, the text starts again:
 * the next value may be shorter; where the new answer ends without text, the last one is empty.
 *
 * Its cost is linear in the number of chunks as long as the text is not read character by character at each of them;
 * a user interface should draw it at most once per frame.
 *
 * @param options - `choice`, 0 unless set
 * @example
 * ```ts
 * import { lastValueFrom } from 'rxjs';
 * import { accumulateContent, createClient } from 'rxdelta';
 *
 * const stream = createClient().chat.completions.stream({ model: 'gpt-4o-mini', messages: [] });
 * console.log(await lastValueFrom(stream.pipe(accumulateContent()), { defaultValue: '' }));
 * ```
 * @see https://rxjs.dev/api/operators/scan
 */
/* @__NO_SIDE_EFFECTS__ */
export function accumulateContent({ choice = 0 }: ContentOptions = {}): OperatorFunction<StreamChunk, string> {
  return accumulateText((chunk) => contentDelta(chunk, choice));
}
