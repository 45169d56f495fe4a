import { filter, map, type OperatorFunction } from 'rxjs';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import type { ContentOptions } from './contentDeltas.ts';
import { reasoningDelta } from './reasoningDelta.ts';

/**
 * Emits each piece of the model's reasoning as it comes.
 *
 * ```marbles
 * chunks   --(Let me)--( see)--Hello--(finish)|
 *          reasoningDeltas()
 * text     --(Let me)--( see)-----------------|
 * ```
 *
 * In chat it reads `reasoning_content`, `reasoning`, `reasoning_details` and thinking parts of the content, whichever the
 * provider has; in Responses the reasoning text and the reasoning summary. Chunks without reasoning are left out.
 * Completion and errors pass through; an empty source gives nothing. Unsubscribing unsubscribes the source. After a retry
 * upstream that starts the answer again, the pieces start again too: use `accumulateReasoning`.
 *
 * @param options - `choice`, 0 unless set
 * @example
 * ```ts
 * import { createClient, reasoningDeltas } from 'rxdelta';
 *
 * createClient()
 *   .responses.stream({ model: 'gpt-5-mini', input: 'Why is the sky blue?', reasoning: { summary: 'auto' } })
 *   .pipe(reasoningDeltas())
 *   .subscribe({ next: (text) => process.stdout.write(text), error: (error) => console.error(error) });
 * ```
 * @see https://platform.openai.com/docs/api-reference/responses-streaming/response/reasoning_summary_text/delta
 */
/* @__NO_SIDE_EFFECTS__ */
export function reasoningDeltas({ choice = 0 }: ContentOptions = {}): OperatorFunction<StreamChunk, string> {
  return (source) =>
    source.pipe(
      map((chunk) => reasoningDelta(chunk, choice)),
      filter((text) => text !== ''),
    );
}
