import { Observable, type OperatorFunction } from 'rxjs';
import { endOf } from '../chunks/completion/endMark.ts';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import { Restarts } from '../retry/Restarts.ts';
import { Through } from '../rx/Through.ts';
import type { ToolCall } from './ToolCall.ts';
import { ToolCalls } from './ToolCalls.ts';

/**
 * Emits each tool call once, as soon as it is whole.
 *
 * ```marbles
 * chunks   --{"ci--ty":1}--(finish)|
 *          collectToolCalls()
 * calls    ----------------call----|
 * ```
 *
 * In chat a call is whole when its choice has finished by `stop`, `tool_calls` or `function_call`. Any other reason, such
 * as `length`, may have cut the last call: that is whole only if its arguments are JSON; a custom one never is. The legacy
 * `function_call` is a call too. In Responses it is whole when its `output_item.done` or `function_call_arguments.done`
 * has come; custom tools give their free text as `arguments`. Providers that leave out the index or the id, or number
 * every call 0, are understood; a call that one sends again after its choice has finished, as it was, counts once.
 *
 * Nothing is emitted of a call that was cut. Completion and errors pass through; an empty source gives nothing.
 * Unsubscribing unsubscribes the source. After a retry upstream that starts the answer again, the calls start again
 * too, unless one was handed out already: that cannot be taken back, so the error that caused the retry is raised.
 *
 * @example
 * ```ts
 * import { collectToolCalls, createClient } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [], tools: [] })
 *   .pipe(collectToolCalls())
 *   .subscribe((call) => console.log(call.name, call.parsed()));
 * ```
 * @see https://platform.openai.com/docs/guides/function-calling#streaming
 */
/* @__NO_SIDE_EFFECTS__ */
export function collectToolCalls(): OperatorFunction<StreamChunk, ToolCall> {
  return (source) =>
    new Observable((destination) => {
      const restarts = new Restarts();
      let calls = new ToolCalls();
      let hasEmitted = false;
      let last: unknown;
      const emit = (call: ToolCall) => {
        hasEmitted = true;
        destination.next(call);
      };
      source.subscribe(
        new Through(destination, {
          next: (chunk: StreamChunk) => {
            const restart = restarts.at(chunk);
            if (restart && hasEmitted) throw restart.cause;
            if (restart) calls = new ToolCalls();
            last = chunk;
            calls.add(chunk, emit);
          },
          complete: () => {
            // A client has seen [DONE], though no finish reason: the answer is whole, and so are its calls.
            if (endOf(last) === 'whole') calls.finishAll(emit);
            destination.complete();
          },
        }),
      );
    });
}
