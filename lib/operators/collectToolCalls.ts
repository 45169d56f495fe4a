import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { endOf } from '../chunks/completion/endMark.ts';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import { Restarts } from '../retry/Restarts.ts';
import { ChatToolCalls } from './ChatToolCalls.ts';
import { ResponseToolCalls } from './ResponseToolCalls.ts';
import type { ToolCall } from './ToolCall.ts';

/**
 * Emits each tool call once, as soon as it is whole.
 *
 * ```text
 * chunks   --{"ci--ty":1}--(finish)|
 *          collectToolCalls()
 * calls    ----------------call----|
 * ```
 *
 * In chat a call is whole when its choice has finished; the legacy `function_call` is a call too. In Responses it is
 * whole when its `output_item.done` or `function_call_arguments.done` has come; custom tools give their free text as
 * `arguments`. Providers that leave out the index or the id, or number every call 0, are understood.
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
  return (source) => new Observable((destination) => source.subscribe(new ToolCallCollector(destination)));
}

class ToolCallCollector extends Subscriber<StreamChunk> {
  readonly #calls: Subscriber<ToolCall>;
  readonly #restarts = new Restarts();
  #chat = new ChatToolCalls();
  #responses = new ResponseToolCalls();
  #hasEmitted = false;
  #last: StreamChunk | undefined;

  constructor(calls: Subscriber<ToolCall>) {
    super(calls);
    this.#calls = calls;
  }

  protected override _next(chunk: StreamChunk): void {
    const restart = this.#restarts.at(chunk);
    if (restart && this.#hasEmitted) {
      this.error(restart.cause);
      return;
    }
    if (restart) {
      this.#chat = new ChatToolCalls();
      this.#responses = new ResponseToolCalls();
    }
    this.#last = chunk;
    let calls: ToolCall[];
    try {
      const { choices } = chunk as { choices?: unknown };
      calls = Array.isArray(choices) ? this.#chat.add(choices) : this.#responses.add(chunk);
    } catch (error) {
      // A foreign source may give anything.
      this.error(error);
      return;
    }
    this.#emit(calls);
  }

  protected override _complete(): void {
    // A client has seen [DONE], though no finish reason: the answer is whole, and so are its calls.
    if (endOf(this.#last) === 'whole') this.#emit(this.#chat.rest());
    this.#calls.complete();
    this.unsubscribe();
  }

  #emit(calls: ToolCall[]): void {
    for (const call of calls) {
      this.#hasEmitted = true;
      this.#calls.next(call);
    }
  }
}
