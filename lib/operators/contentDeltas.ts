import { filter, map, type OperatorFunction } from 'rxjs';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import { contentDelta } from './contentDelta.ts';

/** Options of `contentDeltas` and `accumulateContent`. */
export interface ContentOptions {
  /** The choice of a chat completion that is read, from 0. Default 0. Responses have no choices. */
  choice?: number;
}

/**
 * Emits each piece of text as it comes.
 *
 * ```marbles
 * chunks   --Hel--lo--(finish)|
 *          contentDeltas()
 * text     --Hel--lo----------|
 * ```
 *
 * It reads chat chunks and Responses events alike; chunks without text are left out. Completion and errors pass
 * through; an empty source gives nothing. Unsubscribing unsubscribes the source. After a retry upstream that starts the
 * answer again, the pieces start again too, and cannot take back what came before: use `accumulateContent`.
 *
 * @param options - `choice`, 0 unless set
 * @example
 * ```ts
 * import { contentDeltas, createClient } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] })
 *   .pipe(contentDeltas())
 *   .subscribe((text) => process.stdout.write(text));
 * ```
 * @see https://platform.openai.com/docs/api-reference/chat-streaming/streaming#delta
 */
/* @__NO_SIDE_EFFECTS__ */
export function contentDeltas({ choice = 0 }: ContentOptions = {}): OperatorFunction<StreamChunk, string> {
  return (source) =>
    source.pipe(
      map((chunk) => contentDelta(chunk, choice)),
      filter((text) => text !== ''),
    );
}
