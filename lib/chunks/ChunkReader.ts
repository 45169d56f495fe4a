import { StreamTruncatedError } from '../errors/StreamTruncatedError.ts';
import type { Sink } from '../rx/Sink.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { Completion, isDoneMark } from './completion/Completion.ts';
import { markEnd, type StreamEnd } from './completion/endMark.ts';
import { failureOf } from './completion/failureOf.ts';
import { parseEvent } from './parseEvent.ts';

/**
 * When a stream of chunks is complete, besides at `[DONE]`: `strict` by the rule of chat completions and Responses;
 * `lenient` also where the events end; a function where it says so of a chunk, or where the events end; `open` where the
 * events end, which leaves the judgement to somebody further down.
 */
export type EndRule<T> = 'strict' | 'lenient' | 'open' | ((chunk: T) => boolean);

/** Turns the events of one stream into chunks: parses, raises what the server reports, judges the end. */
export class ChunkReader<T extends object> implements Sink<ServerSentEvent> {
  readonly #rule: EndRule<T>;
  readonly #sink: Sink<T>;
  readonly #completion = new Completion();
  #lastChunk: T | undefined;
  #lastEventId: string | undefined;
  #chunkCount = 0;

  constructor(rule: EndRule<T>, sink: Sink<T>) {
    this.#rule = rule;
    this.#sink = sink;
  }

  get closed(): boolean {
    return this.#sink.closed;
  }

  /**
   * Takes the next event.
   *
   * @throws MalformedStreamError (`json`) when its data is no chunk
   * @throws APIStreamError when it reports an error
   */
  next(event: ServerSentEvent): void {
    const { data, id } = event;
    this.#lastEventId = id ?? this.#lastEventId;
    // Nearly every event is an object; the others are [DONE], blank or malformed.
    if (data.startsWith('{')) this.#read(event);
    else if (isDoneMark(data)) this.#end('whole');
    else if (data.trim()) this.#read(event);
  }

  /** Takes the end of the events. @throws StreamTruncatedError when it is not the end of the answer */
  complete(): void {
    const rule = this.#rule;
    const { isComplete } = this.#completion;
    if (rule === 'strict' && !isComplete) {
      const [chunkCount, lastEventId] = [this.#chunkCount, this.#lastEventId];
      throw new StreamTruncatedError('The answer is not whole', { chunkCount, lastEventId });
    }
    this.#end(isComplete ? 'whole' : rule === 'open' ? undefined : 'lenient');
  }

  #read(event: ServerSentEvent): void {
    const chunk = parseEvent(event) as T & { type?: unknown };
    this.#lastChunk = chunk;
    this.#chunkCount++;
    this.#sink.next(chunk);
    if (this.closed) return;
    // The type that the data gives beats that of the event line.
    const type = chunk.type ?? event.event;
    const failure = failureOf(chunk, type);
    if (failure) throw failure;
    const rule = this.#rule;
    if (typeof rule === 'function' ? rule(chunk) : rule !== 'open' && this.#completion.observe(chunk, type)) {
      this.#end('whole');
    }
  }

  #end(how?: StreamEnd): void {
    if (this.closed) return;
    if (this.#lastChunk && how) markEnd(this.#lastChunk, how);
    this.#sink.complete();
  }
}
