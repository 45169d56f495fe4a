import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import { PendingEventMeter } from './PendingEventMeter.ts';
import type { ServerSentEvent } from './ServerSentEvent.ts';

/** The largest event that is read unless told otherwise: 16 MiB of data. */
export const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024;

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
 * @throws MalformedStreamError (`event-too-large`) when an event, or a line without end, passes `maxEventBytes`
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
  readonly #meter: PendingEventMeter;
  readonly #text = new TextDecoder();
  readonly #parser: EventSourceParser;
  #retry: number | undefined;
  #endsInCR = false;
  #isUnterminated = false;

  constructor(events: Subscriber<ServerSentEvent>, { maxEventBytes, onRetry }: DecodeEventsOptions) {
    super(events);
    this.#events = events;
    this.#maxEventBytes = maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
    this.#meter = new PendingEventMeter(this.#maxEventBytes);
    this.#parser = createParser({
      onEvent: (message) => {
        this.#dispatch(message);
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
    const usable = this.#meter.measure(bytes);
    this.#feed(this.#text.decode(usable < bytes.length ? bytes.subarray(0, usable) : bytes, { stream: true }));
    if (usable < bytes.length) this.#refuse();
  }

  protected override _complete(): void {
    this.#feed(this.#text.decode());
    this.#isUnterminated = true;
    if (!this.closed) this.#parser.feed('\n\n');
    super._complete();
  }

  /** A CR that ends a read ends its line at once; the LF that may follow is swallowed. */
  #feed(text: string): void {
    if (text === '') return;
    const line = this.#endsInCR && text.startsWith('\n') ? text.slice(1) : text;
    this.#endsInCR = text.endsWith('\r');
    this.#parser.feed(this.#endsInCR ? `${line}\n` : line);
  }

  #dispatch(message: EventSourceMessage): void {
    if (this.#events.closed) return;
    const { data, event, id } = message;
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
    const limit = this.#maxEventBytes;
    // Straight to the destination: this subscriber may be completing, and then no longer takes an error.
    this.#events.error(
      new MalformedStreamError(`The server sent an event of more than ${limit} bytes`, { reason: 'event-too-large' }),
    );
    this.unsubscribe();
  }
}

function exceedsBytes(text: string, limit: number): boolean {
  if (text.length * 3 <= limit) return false;
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > limit) return true;
  }
  return false;
}

function isWholeDocument(data: string): boolean {
  const text = data.trim();
  if (text === '[DONE]') return true;
  if (!text.startsWith('{') && !text.startsWith('[')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
