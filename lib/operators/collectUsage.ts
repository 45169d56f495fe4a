import { Observable, type OperatorFunction } from 'rxjs';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import type { ChatCompletionChunk, CompletionUsage, ResponseUsage } from '../openai/index.ts';
import { Restarts } from '../retry/Restarts.ts';
import { Through } from '../rx/Through.ts';
import { usageOf } from './usageOf.ts';

/** The usage that a stream of these chunks reports. */
export type UsageOf<C> = C extends ChatCompletionChunk ? CompletionUsage : ResponseUsage;

/**
 * Emits what an answer used, once, when the source completes.
 *
 * ```marbles
 * chunks   --Hel--lo--(finish)--(usage)--|
 *          collectUsage()
 * usage    ------------------------------(usage|)
 * ```
 *
 * In chat that is the last usage of a chunk: set `stream_options: { include_usage: true }` to have one; where a provider
 * counts along with each chunk, the last count. In Responses it is that of the last event that carries the Response. An
 * answer without usage, and an empty source, give nothing. An error passes through, without a usage before it.
 * Unsubscribing unsubscribes the source. After a retry upstream that starts the answer again, only the last attempt counts.
 *
 * @example
 * ```ts
 * import { collectUsage, createClient } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [], stream_options: { include_usage: true } })
 *   .pipe(collectUsage())
 *   .subscribe({ next: (usage) => console.log(usage.total_tokens), error: (error) => console.error(error) });
 * ```
 * @see https://platform.openai.com/docs/api-reference/chat/create#chat_create-stream_options-include_usage
 */
/* @__NO_SIDE_EFFECTS__ */
export function collectUsage<C extends StreamChunk>(): OperatorFunction<C, UsageOf<C>> {
  return (source) =>
    new Observable((destination) => {
      const restarts = new Restarts();
      let usage: UsageOf<C> | undefined;
      source.subscribe(
        new Through(destination, {
          next: (chunk: C) => {
            if (restarts.at(chunk)) usage = undefined;
            usage = usageOf<UsageOf<C>>(chunk) ?? usage;
          },
          complete: () => {
            if (usage) destination.next(usage);
            destination.complete();
          },
        }),
      );
    });
}
