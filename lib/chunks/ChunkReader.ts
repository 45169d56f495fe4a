import { Subscriber } from 'rxjs';
import { StreamTruncatedError } from '../errors/StreamTruncatedError.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { Completion, isDoneMark } from './completion/Completion.ts';
import { markEnd, type StreamEnd } from './completion/endMark.ts';
import { failureOf } from './completion/failureOf.ts';
import { parseEvent } from './parseEvent.ts';

/** When a stream of chunks is complete, besides at `[DONE]`. */
export interface EndRule<T> {
  /** Whether the stream ends with this chunk, which was just emitted; called once for each. */
  endsWith?: (chunk: T, type: unknown) => boolean;
  /** How the stream may end where the events end; `unjudged` leaves that to somebody further down. */
  endOfEvents: () => StreamEnd | 'unjudged' | undefined;
  /** Called when the stream is complete, before its observer is told. */
  onEnd?: () => void;
}

/** The rule of chat completions and Responses. */
export function strictRule<T extends object>(): EndRule<T> {
  const completion = new Completion();
  return {
    endsWith: (chunk, type) => completion.observe(chunk, type),
    endOfEvents: () => (completion.isComplete ? 'whole' : undefined),
  };
}

/** Turns events into chunks: parses, raises what the server reports, judges the end. */
export class ChunkReader<T extends object> extends Subscriber<ServerSentEvent> {
  readonly #chunks: Subscriber<T>;
  readonly #rule: EndRule<T>;
  #lastChunk: T | undefined;
  #lastEventId: string | undefined;
  #chunkCount = 0;

  constructor(chunks: Subscriber<T>, rule: EndRule<T>) {
    super(chunks);
    this.#chunks = chunks;
    this.#rule = rule;
  }

  protected override _next(event: ServerSentEvent): void {
    const { data, id } = event;
    this.#lastEventId = id ?? this.#lastEventId;
    // Nearly every event is an object; the others are [DONE], blank or malformed.
    if (data.charCodeAt(0) !== 123) {
      if (isDoneMark(data)) {
        this.#end('whole');
        return;
      }
      if (data.trim() === '') return;
    }
    try {
      const chunk = parseEvent(event) as T & { type?: unknown };
      this.#lastChunk = chunk;
      this.#chunkCount++;
      this.#chunks.next(chunk);
      // The type that the data gives beats that of the event line.
      const type = chunk.type ?? event.event;
      const failure = failureOf(chunk, type);
      if (failure) throw failure;
      if (this.#rule.endsWith?.(chunk, type)) this.#end('whole');
    } catch (error) {
      this.error(error);
    }
  }

  protected override _complete(): void {
    const end = this.#rule.endOfEvents();
    if (end) this.#end(end);
    else {
      const options = { chunkCount: this.#chunkCount, lastEventId: this.#lastEventId };
      this._error(new StreamTruncatedError('The stream ended before the answer was whole', options));
    }
  }

  #end(end: StreamEnd | 'unjudged'): void {
    if (this.#chunks.closed) return;
    if (this.#lastChunk && end !== 'unjudged') markEnd(this.#lastChunk, end);
    this.#rule.onEnd?.();
    super._complete();
  }
}
