import type { OperatorFunction } from 'rxjs';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import { accumulate } from './accumulate.ts';
import type { ToolCall } from './ToolCall.ts';
import { ToolCalls } from './ToolCalls.ts';

/**
 * Emits the tool calls so far, with the arguments as far as they have come, each time that one of them changes.
 *
 * ```marbles
 * chunks   --{"ci---------ty":1}-------(finish)|
 *          accumulateToolCalls()
 * calls    --[{"ci]-------[{"city":1}]---------|
 * ```
 *
 * It understands what `collectToolCalls` understands. The calls stand in the order of choice and index. A list, and a call
 * in it, is never changed after it was emitted; calls that did not change are the same objects in the next list. That a
 * call is in the list does not mean that it is whole: act on what `collectToolCalls` emits.
 *
 * Completion and errors pass through; an empty source, or an answer without calls, gives nothing. Unsubscribing
 * unsubscribes the source. After a retry upstream that starts the answer again, the calls start again too; where the new
 * answer ends without calls, the last list is empty. Its cost is linear in the number of chunks, as long as few calls are
 * made in parallel.
 *
 * @example
 * ```ts
 * import { accumulateToolCalls, createClient } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [], tools: [] })
 *   .pipe(accumulateToolCalls())
 *   .subscribe({
 *     next: (calls) => console.log(calls.map((call) => `${call.name}(${call.arguments}`).join()),
 *     error: (error) => console.error(error),
 *   });
 * ```
 * @see https://platform.openai.com/docs/guides/function-calling#streaming
 */
/* @__NO_SIDE_EFFECTS__ */
export function accumulateToolCalls(): OperatorFunction<StreamChunk, readonly ToolCall[]> {
  return accumulate(() => {
    const calls = new ToolCalls();
    let list: readonly ToolCall[] = [];
    return (chunk) => {
      const last = list;
      calls.add(chunk, ignore);
      list = calls.sorted;
      const isSame = list.length === last.length && list.every((call, at) => call === last[at]);
      return isSame ? undefined : list;
    };
  }, []);
}

function ignore(): void {
  // Whole or not, the call stands in the list.
}
