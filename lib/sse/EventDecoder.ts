import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import type { Sink } from '../rx/Sink.ts';
import type { DecodeEventsOptions } from './DecodeEventsOptions.ts';
import { completeMaxEventBytes } from './completeMaxEventBytes.ts';
import { LongEvent } from './LongEvent.ts';
import type { ServerSentEvent } from './ServerSentEvent.ts';
import { UTF8Decoder } from './UTF8Decoder.ts';

/** So many pieces of a line are put together. */
const MAX_PIECES = 1024;

/** So many characters the parser may keep of an event before they are taken out. */
const MAX_HELD = 65_536;

/** `data: ` and the end of the line, the most that a line holds besides its value. */
const LINE_EXTRA = 7;

/** Decodes the bytes of one stream into server-sent events, each read in one synchronous pass. */
export class EventDecoder {
  readonly #sink: Sink<ServerSentEvent>;
  readonly #maxEventBytes: number;
  readonly #text = new UTF8Decoder();
  readonly #parser: EventSourceParser;
  /** The line that has not ended yet, in pieces: of very many small ones a string would cost a multiple of its length. */
  #pieces: string[] = [];
  #lineLength = 0;
  #newPieces = 0;
  #endsInCR = false;
  #isUnterminated = false;
  #lastRetry: number | undefined;
  /** An event that goes on for long, and whether the parser is made to hand out a part of it. */
  #longEvent: LongEvent | undefined;
  #isUnended = false;
  /** How much the parser was fed since its last event. */
  #heldLength = 0;

  /** @throws RangeError when `maxEventBytes` is not above 0 */
  constructor(options: DecodeEventsOptions, sink: Sink<ServerSentEvent>) {
    const maxEventBytes = completeMaxEventBytes(options.maxEventBytes);
    this.#sink = sink;
    this.#maxEventBytes = maxEventBytes;
    this.#parser = createParser({
      // It is fed whole lines, so what it holds back is the data of one event; in characters no more than in bytes.
      maxBufferSize: maxEventBytes,
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.#refuse();
      },
      onRetry: (retry) => {
        if (sink.closed) return;
        this.#lastRetry = retry;
        options.onRetry?.(retry);
      },
      onEvent: (message) => {
        this.#receive(message);
      },
    });
    // The parser would strip the characters ï»¿ from its first feed; the byte order mark is the decoder's business.
    this.#parser.feed('');
  }

  /**
   * Takes the next bytes. A CR that ends a read ends its line at once; the LF that may follow is swallowed.
   *
   * @throws MalformedStreamError (`event-too-large`)
   */
  push(bytes?: Uint8Array): void {
    const text = this.#text.decode(bytes);
    if (text === '') return;
    const lines = this.#endsInCR && text.startsWith('\n') ? text.slice(1) : text;
    this.#endsInCR = text.endsWith('\r');
    this.#feed(lines.includes('\r') ? lines.replace(/\r\n?/g, '\n') : lines);
  }

  /** Takes the end of the bytes: a last event without its blank line counts if it is a whole document. */
  end(): void {
    this.push();
    this.#isUnterminated = true;
    this.#feed('\n\n');
  }

  /** Feeds whole lines only, so that a line without end is refused at the same place for every cut of the bytes. */
  #feed(text: string): void {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) this.#feedLines(this.#pieces.join('') + text.slice(0, end));
    if (this.#heldLength > MAX_HELD && !this.#sink.closed) this.#takeOut();
    if (end === text.length) return;
    this.#pieces.push(text.slice(end));
    this.#lineLength += text.length - end;
    // Only the new ones: to join all of them each time would be quadratic.
    if (++this.#newPieces % MAX_PIECES === 0) this.#pieces.push(this.#pieces.splice(-MAX_PIECES).join(''));
    if (this.#lineLength >= this.#maxEventBytes + LINE_EXTRA) this.#refuse();
  }

  #feedLines(lines: string): void {
    this.#pieces = [];
    this.#lineLength = this.#newPieces = 0;
    // Of comments it keeps nothing.
    if (/^data/m.test(lines)) this.#heldLength += lines.length;
    if (lines.length <= this.#maxEventBytes) {
      this.#parser.feed(lines);
      return;
    }
    for (const line of lines.match(/[^\n]*\n/g) ?? []) {
      if (line.length > this.#maxEventBytes + LINE_EXTRA) this.#refuse();
      if (this.#sink.closed) return;
      this.#parser.feed(line);
    }
  }

  /** Takes out of the parser what it has of an event whose end has not come. */
  #takeOut(): void {
    this.#isUnended = true;
    this.#parser.feed('data:\n\n');
    this.#isUnended = false;
    this.#parser.feed('data:\n');
  }

  /** Takes an event from the parser, or a part of one. */
  #receive(message: EventSourceMessage): void {
    this.#heldLength = 0;
    if (this.#isUnended) {
      this.#longEvent ??= new LongEvent();
      this.#longEvent.add(message);
      if (this.#longEvent.length > this.#maxEventBytes + 1) this.#refuse();
      return;
    }
    const whole = this.#longEvent ? this.#longEvent.end(message) : message;
    this.#longEvent = undefined;
    if (whole) this.#emit(whole);
  }

  #emit({ data, event, id }: EventSourceMessage): void {
    if (this.#sink.closed) return;
    if (exceedsBytes(data, this.#maxEventBytes)) this.#refuse();
    if (this.#isUnterminated && !isWholeDocument(data)) return;
    const decoded: ServerSentEvent = { data };
    if (event !== undefined) decoded.event = event;
    if (id !== undefined) decoded.id = id;
    if (this.#lastRetry !== undefined) decoded.retry = this.#lastRetry;
    this.#lastRetry = undefined;
    this.#sink.next(decoded);
  }

  #refuse(): never {
    const message = `Event of more than ${this.#maxEventBytes} bytes`;
    throw new MalformedStreamError(message, { reason: 'event-too-large' });
  }
}

function exceedsBytes(text: string, limit: number): boolean {
  // A character takes three bytes at the most, so nearly no event needs to be measured.
  return text.length * 3 > limit && new TextEncoder().encode(text).length > limit;
}

/** `[DONE]`, or a JSON object or array: of other values a part may look like the whole. */
function isWholeDocument(data: string): boolean {
  try {
    return data.trim() === '[DONE]' || (/^\s*[{[]/.test(data) && Boolean(JSON.parse(data)));
  } catch {
    return false;
  }
}
