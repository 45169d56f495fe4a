import { Observable, Subscriber, type MonoTypeOperatorFunction } from 'rxjs';
import { Completion, isDoneMark } from '../chunks/completion/Completion.ts';
import { endOf } from '../chunks/completion/endMark.ts';
import { failureOf } from '../chunks/completion/failureOf.ts';
import type { APIStreamError } from '../errors/APIStreamError.ts';
import { StreamTruncatedError } from '../errors/StreamTruncatedError.ts';
import { Restarts } from '../retry/Restarts.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';

/**
 * Judges whether an answer is whole where its stream ends: for chunks or events of any origin.
 *
 * ```marbles
 * chunks   --a--b--(finish)--(usage)--|
 *          untilDone()
 * result   --a--b--(finish)--(usage)--|
 *
 * chunks   --a--b--|
 *          untilDone()
 * result   --a--b--#
 * ```
 *
 * It ends early only at an unambiguous mark: the event `[DONE]`, or a terminal event of a Response, which is emitted
 * first. Chat chunks never end it early, since usage and other choices may follow a finish reason: when the source
 * completes, the answer is whole if every choice that was seen has one. An error of the source passes through.
 * Unsubscribing unsubscribes the source. After a retry upstream that starts the answer again, only the chunks of the
 * last attempt count. The streams of a client are judged already: for them it changes nothing.
 *
 * @throws StreamTruncatedError when the source completes before the answer is whole, an empty source included
 * @throws APIStreamError after `response.failed`, which is emitted
 * @example
 * ```ts
 * import { createClient, untilDone } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] })
 *   .events()
 *   .pipe(untilDone())
 *   .subscribe({ next: ({ data }) => console.log(data), error: (error) => console.error(error) });
 * ```
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
/* @__NO_SIDE_EFFECTS__ */
export function untilDone<T>(): MonoTypeOperatorFunction<T> {
  return (source) => {
    const { opener } = source as { opener?: { isJudged?: boolean } };
    return opener?.isJudged ? source : new Observable((destination) => source.subscribe(new EndJudge<T>(destination)));
  };
}

class EndJudge<T> extends Subscriber<T> {
  readonly #target: Subscriber<T>;
  readonly #restarts = new Restarts();
  #completion = new Completion();
  #last: unknown;
  #lastEventId: string | undefined;
  #count = 0;

  constructor(target: Subscriber<T>) {
    super(target);
    this.#target = target;
  }

  protected override _next(item: T): void {
    if (this.#restarts.at(item)) {
      this.#completion = new Completion();
      this.#lastEventId = undefined;
      this.#count = 0;
    }
    this.#last = item;
    let end: 'end' | APIStreamError | undefined;
    try {
      end = isEvent(item) ? this.#observeEvent(item) : this.#observeChunk(item);
    } catch (error) {
      // A foreign source may give anything.
      this.error(error);
      return;
    }
    this.#target.next(item);
    if (end === 'end') this.#end();
    else if (end) this.error(end);
  }

  protected override _complete(): void {
    if (this.#completion.isComplete || endOf(this.#last)) {
      this.#end();
      return;
    }
    this.#target.error(
      new StreamTruncatedError('The stream ended before the answer was whole', {
        chunkCount: this.#count,
        lastEventId: this.#lastEventId,
      }),
    );
    this.unsubscribe();
  }

  #end(): void {
    this.#target.complete();
    this.unsubscribe();
  }

  #observeChunk(chunk: unknown, event?: string): 'end' | APIStreamError | undefined {
    this.#count++;
    if (typeof chunk !== 'object' || chunk === null) return undefined;
    const type = (chunk as { type?: unknown }).type ?? event;
    const isEnd = this.#completion.observe(chunk, type);
    return failureOf(chunk, type) ?? (isEnd ? 'end' : undefined);
  }

  #observeEvent({ data, event, id }: ServerSentEvent): 'end' | APIStreamError | undefined {
    if (id !== undefined) this.#lastEventId = id;
    if (isDoneMark(data)) return 'end';
    try {
      return this.#observeChunk(JSON.parse(data), event);
    } catch {
      return undefined;
    }
  }
}

function isEvent(item: unknown): item is ServerSentEvent {
  if (typeof item !== 'object' || item === null) return false;
  return typeof (item as { data?: unknown }).data === 'string' && !('choices' in item) && !('type' in item);
}
