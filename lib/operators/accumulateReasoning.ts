import type { OperatorFunction } from 'rxjs';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import { accumulateText } from './accumulateText.ts';
import type { ContentOptions } from './contentDeltas.ts';
import { reasoningDelta } from './reasoningDelta.ts';

/**
 * Emits the model's reasoning so far, each time that it grows.
 *
 * ```marbles
 * chunks   --(Let me)--( see)-----Hello--(finish)|
 *          accumulateReasoning()
 * text     --(Let me)--(Let me see)--------------|
 * ```
 *
 * It reads what `reasoningDeltas` reads; the parts of a summary follow each other without anything between them.
 * Completion and errors pass through, so the last text stands where a stream was cut; an empty source, or an answer
 * without reasoning, gives nothing. Unsubscribing unsubscribes the source. After a retry upstream that starts the answer
 * again, the text starts again: the next value may be shorter; where the new answer ends without reasoning, the last one
 * is empty. Its cost is linear, as that of `accumulateContent`.
 *
 * @param options - `choice`, 0 unless set
 * @example
 * ```ts
 * import { accumulateReasoning, createClient } from 'rxdelta';
 *
 * createClient({ baseURL: 'http://127.0.0.1:8080/v1' })
 *   .chat.completions.stream({ model: 'deepseek-reasoner', messages: [{ role: 'user', content: 'Why?' }] })
 *   .pipe(accumulateReasoning())
 *   .subscribe({ next: (text) => console.log(text), error: (error) => console.error(error) });
 * ```
 * @see https://rxjs.dev/api/operators/scan
 */
/* @__NO_SIDE_EFFECTS__ */
export function accumulateReasoning({ choice = 0 }: ContentOptions = {}): OperatorFunction<StreamChunk, string> {
  return accumulateText((chunk) => reasoningDelta(chunk, choice));
}
