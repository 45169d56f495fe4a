import { filter, map, type OperatorFunction } from 'rxjs';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import type { ContentOptions } from './contentDeltas.ts';
import { deltaText, type ChatDelta } from './deltaText.ts';

/**
 * Emits each piece of a refusal as it comes: what the model says instead of the answer that it will not give.
 *
 * ```marbles
 * chunks   --(I will)--( not)--(finish)|
 *          refusalDeltas()
 * text     --(I will)--( not)----------|
 * ```
 *
 * It reads `delta.refusal` of chat chunks, and the refusal of Responses events; all else is left out. Completion and
 * errors pass through; an empty source gives nothing. Unsubscribing unsubscribes the source. After a retry upstream that
 * starts the answer again, the pieces start again too.
 *
 * @param options - `choice`, 0 unless set
 * @example
 * ```ts
 * import { createClient, refusalDeltas } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] })
 *   .pipe(refusalDeltas())
 *   .subscribe({ next: (text) => process.stdout.write(text), error: (error) => console.error(error) });
 * ```
 * @see https://platform.openai.com/docs/guides/structured-outputs#refusals
 */
/* @__NO_SIDE_EFFECTS__ */
export function refusalDeltas({ choice = 0 }: ContentOptions = {}): OperatorFunction<StreamChunk, string> {
  return (source) =>
    source.pipe(
      map((chunk) => deltaText(chunk, choice, refusalOf, EVENTS)),
      filter((text) => text !== ''),
    );
}

const EVENTS = ['response.refusal.delta'];

function refusalOf({ refusal }: ChatDelta): string {
  return typeof refusal === 'string' ? refusal : '';
}
