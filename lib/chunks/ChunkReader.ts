import { Subscriber } from 'rxjs';
import { StreamTruncatedError } from '../errors/StreamTruncatedError.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { Completion, isDoneMark } from './completion/Completion.ts';
import { markEnd, type StreamEnd } from './completion/endMark.ts';
import { failureOf } from './completion/failureOf.ts';
import { parseEvent } from './parseEvent.ts';

/** When a stream of chunks is complete, besides at `[DONE]`. */
export interface EndRule<T> {
  /** Whether the stream ends with this chunk; called once for each. */
  endsWith?: (chunk: T, event: ServerSentEvent) => boolean;
  /** Whether the stream may end where the events end; `unjudged` leaves that to somebody further down. */
  mayEnd: () => StreamEnd | 'unjudged' | false;
  /** Called when the stream is complete, before its observer is told. */
  onEnd?: () => void;
}

/** The rule of chat completions and Responses. */
export function strictRule<T extends object>(): EndRule<T> {
  const completion = new Completion();
  return {
    endsWith: (chunk, event) => completion.observe(chunk, typeOf(chunk, event)),
    mayEnd: () => (completion.isComplete ? 'whole' : false),
  };
}

/** Turns events into chunks: parses, raises what the server reports, judges the end. */
export class ChunkReader<T extends object> extends Subscriber<ServerSentEvent> {
  readonly #chunks: Subscriber<T>;
  readonly #rule: EndRule<T>;
  #lastChunk: T | undefined;
  #lastEventId: string | undefined;
  #count = 0;

  constructor(chunks: Subscriber<T>, rule: EndRule<T>) {
    super(chunks);
    this.#chunks = chunks;
    this.#rule = rule;
  }

  protected override _next(event: ServerSentEvent): void {
    const { data, id } = event;
    if (id !== undefined) this.#lastEventId = id;
    // Nearly every event is an object; the others are [DONE], blank or malformed.
    if (data.charCodeAt(0) !== 123) {
      if (isDoneMark(data)) {
        this.#end('whole');
        return;
      }
      if (data.trim() === '') return;
    }
    let endsHere: boolean;
    try {
      const chunk = parseEvent(event) as T;
      this.#lastChunk = chunk;
      this.#count++;
      this.#chunks.next(chunk);
      endsHere = this.#rule.endsWith?.(chunk, event) ?? false;
      const failure = failureOf(chunk, typeOf(chunk, event));
      if (failure) throw failure;
    } catch (error) {
      this.error(error);
      return;
    }
    if (endsHere) this.#end('whole');
  }

  protected override _complete(): void {
    const end = this.#rule.mayEnd();
    if (end) {
      this.#end(end);
      return;
    }
    this.#chunks.error(
      new StreamTruncatedError(
        this.#count === 0 ? 'The stream ended before the first chunk' : 'The stream ended before the answer was whole',
        { chunkCount: this.#count, lastEventId: this.#lastEventId },
      ),
    );
    this.unsubscribe();
  }

  #end(end: StreamEnd | 'unjudged'): void {
    if (this.#chunks.closed) return;
    if (this.#lastChunk && end !== 'unjudged') markEnd(this.#lastChunk, end);
    this.#rule.onEnd?.();
    this.#chunks.complete();
    this.unsubscribe();
  }
}

/** The type that the data gives beats that of the `event:` line. */
function typeOf(chunk: object, { event }: ServerSentEvent): unknown {
  return (chunk as { type?: unknown }).type ?? event;
}
