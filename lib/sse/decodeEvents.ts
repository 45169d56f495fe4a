import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import type { ServerSentEvent } from './ServerSentEvent.ts';

/** The largest event that is read unless told otherwise: 16 MiB of data. */
export const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** `data: `, the most that a line holds besides its value. */
const PREFIX_LENGTH = 6;

/** Options of `decodeEvents`. */
export interface DecodeEventsOptions {
  /** The largest event that is read, in bytes of its data as UTF-8. Default 16 MiB. */
  maxEventBytes?: number | undefined;
  /** Called for each valid `retry:` field at once, also where no event follows it; in milliseconds. */
  onRetry?: ((retryMs: number) => void) | undefined;
}

/**
 * Decodes bytes into server-sent events.
 *
 * ```text
 * bytes    --[data: a\n]--[\ndata:]--[ b\n\n]--|
 *          decodeEvents()
 * events   ---------------a------------b-------|
 * ```
 *
 * The same events come out for every way to cut the bytes: characters may be cut, lines end in LF, CR or CRLF, a byte
 * order mark may lead. Comments and events without data are left out. One read goes through in one synchronous pass.
 *
 * At completion, a last event that lacks its blank line counts if it is `[DONE]` or one whole JSON object or array;
 * otherwise it is left out. An error of the source passes through. Unsubscribing unsubscribes the source.
 *
 * @param options - `maxEventBytes`, 16 MiB unless set, and `onRetry`
 * @throws MalformedStreamError (`event-too-large`) when the data of an event, or a line of any kind, passes `maxEventBytes`
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { decodeEvents } from 'rxdelta';
 *
 * of(new TextEncoder().encode('event: greeting\ndata: hello\n\n'))
 *   .pipe(decodeEvents())
 *   .subscribe(({ event, data }) => console.log(event, data)); // greeting hello
 * ```
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
/* @__NO_SIDE_EFFECTS__ */
export function decodeEvents(options: DecodeEventsOptions = {}): OperatorFunction<Uint8Array, ServerSentEvent> {
  return (source) => new Observable((destination) => source.subscribe(new EventDecoder(destination, options)));
}

class EventDecoder extends Subscriber<Uint8Array> {
  readonly #events: Subscriber<ServerSentEvent>;
  readonly #maxEventBytes: number;
  readonly #text = new TextDecoder();
  readonly #parser: EventSourceParser;
  /** The pieces of the line that has not ended yet. */
  #line: string[] = [];
  #lineLength = 0;
  #endsInCR = false;
  #isUnterminated = false;
  #retry: number | undefined;

  constructor(
    events: Subscriber<ServerSentEvent>,
    { maxEventBytes = DEFAULT_MAX_EVENT_BYTES, onRetry }: DecodeEventsOptions,
  ) {
    super(events);
    this.#events = events;
    this.#maxEventBytes = maxEventBytes;
    this.#parser = createParser({
      // Its lines are whole, so that what it buffers is the data of one event, and in characters no more than in bytes.
      maxBufferSize: maxEventBytes,
      onEvent: (message) => {
        this.#dispatch(message);
      },
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.#refuse();
      },
      onRetry: (retryMs) => {
        this.#retry = retryMs;
        onRetry?.(retryMs);
      },
    });
    // The parser would strip the characters ï»¿ from its first feed; the byte order mark is the TextDecoder's business.
    this.#parser.feed('');
  }

  protected override _next(bytes: Uint8Array): void {
    this.#take(this.#text.decode(bytes, { stream: true }));
  }

  protected override _complete(): void {
    this.#take(this.#text.decode());
    this.#isUnterminated = true;
    this.#feed('\n\n');
    super._complete();
  }

  #take(text: string): void {
    if (text === '') return;
    const isRestOfCRLF = this.#endsInCR && text.startsWith('\n');
    this.#endsInCR = text.endsWith('\r');
    // A CR that ends a read ends its line at once; the LF that may follow is swallowed.
    this.#feed((isRestOfCRLF ? text.slice(1) : text) + (this.#endsInCR ? '\n' : ''));
  }

  /** Gives the parser whole lines only, so that a line that never ends is refused at the same place for every cut. */
  #feed(text: string): void {
    const end = text.endsWith('\n') ? text.length : Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    if (end > 0) {
      const lines = this.#line.join('') + text.slice(0, end);
      this.#line = [];
      this.#lineLength = 0;
      if (lines.length <= this.#maxEventBytes) this.#parser.feed(lines);
      else for (const line of lines.split(/(?<=\n|\r(?!\n))/)) this.#feedLine(line);
    }
    if (end < text.length) {
      this.#line.push(text.slice(end));
      this.#lineLength += text.length - end;
      if (this.#lineLength > this.#maxEventBytes + PREFIX_LENGTH) this.#refuse();
    }
  }

  #feedLine(line: string): void {
    if (this.closed) return;
    if (line.trimEnd().length > this.#maxEventBytes + PREFIX_LENGTH) this.#refuse();
    else this.#parser.feed(line);
  }

  #dispatch({ data, event, id }: EventSourceMessage): void {
    if (this.#events.closed) return;
    if (exceedsBytes(data, this.#maxEventBytes)) {
      this.#refuse();
      return;
    }
    if (this.#isUnterminated && !isWholeDocument(data)) return;
    const decoded: ServerSentEvent = { data };
    if (event !== undefined) decoded.event = event;
    if (id !== undefined) decoded.id = id;
    if (this.#retry !== undefined) {
      decoded.retry = this.#retry;
      this.#retry = undefined;
    }
    this.#events.next(decoded);
  }

  #refuse(): void {
    // Straight to the destination: this subscriber may be completing, and then no longer takes an error.
    this.#events.error(
      new MalformedStreamError(`The server sent an event of more than ${this.#maxEventBytes} bytes`, {
        reason: 'event-too-large',
      }),
    );
    this.unsubscribe();
  }
}

function exceedsBytes(text: string, limit: number): boolean {
  // A character takes three bytes at the most, so nearly no event needs to be measured.
  return text.length * 3 > limit && new TextEncoder().encode(text).length > limit;
}

/** `[DONE]`, or a JSON object or array: of other values a part may look like the whole. */
function isWholeDocument(data: string): boolean {
  const text = data.trim();
  if (text === '[DONE]') return true;
  try {
    return /^[{[]/.test(text) && Boolean(JSON.parse(text));
  } catch {
    return false;
  }
}
