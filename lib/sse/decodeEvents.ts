import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { Observable, type OperatorFunction } from 'rxjs';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import { Through } from '../rx/Through.ts';
import { LongEvent } from './LongEvent.ts';
import type { ServerSentEvent } from './ServerSentEvent.ts';
import { UTF8Decoder } from './UTF8Decoder.ts';

/** The largest event that is read unless told otherwise: 16 MiB of data. */
export const DEFAULT_MAX_EVENT_BYTES = 16_777_216;

/** So many pieces of a line are put together. */
const MAX_PIECES = 1024;

/** So many characters the parser may keep of an event before they are taken out. */
const MAX_HELD = 65_536;

/** `data: ` and the end of the line, the most that a line holds besides its value. */
const LINE_EXTRA = 7;

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
 * @throws RangeError at once when `maxEventBytes` is not above 0
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
export function decodeEvents({
  maxEventBytes = DEFAULT_MAX_EVENT_BYTES,
  onRetry,
}: DecodeEventsOptions = {}): OperatorFunction<Uint8Array, ServerSentEvent> {
  if (!(maxEventBytes > 0)) throw new RangeError('maxEventBytes must be above 0');
  return (source) =>
    new Observable((destination) => {
      const decoder = new UTF8Decoder();
      const maxLine = maxEventBytes + LINE_EXTRA;
      /** The line that has not ended yet, in pieces: of very many small ones a string would cost a multiple of its length. */
      let pieces: string[] = [];
      let lineLength = 0;
      let newPieces = 0;
      let endsInCR = false;
      let isUnterminated = false;
      let lastRetry: number | undefined;

      const refuse = () => {
        const message = `Event of more than ${maxEventBytes} bytes`;
        destination.error(new MalformedStreamError(message, { reason: 'event-too-large' }));
      };
      /** An event that goes on for long, and whether the parser is made to hand out a part of it. */
      let longEvent: LongEvent | undefined;
      let isUnended = false;
      /** How much the parser was fed since its last event. */
      let heldLength = 0;
      const emit = ({ data, event, id }: EventSourceMessage) => {
        if (exceedsBytes(data, maxEventBytes)) refuse();
        if (destination.closed || (isUnterminated && !isWholeDocument(data))) return;
        const decoded: ServerSentEvent = { data };
        if (event !== undefined) decoded.event = event;
        if (id !== undefined) decoded.id = id;
        if (lastRetry !== undefined) decoded.retry = lastRetry;
        lastRetry = undefined;
        destination.next(decoded);
      };
      const parser = createParser({
        // It is fed whole lines, so what it holds back is the data of one event; in characters no more than in bytes.
        maxBufferSize: maxEventBytes,
        onError: ({ type }) => {
          if (type === 'max-buffer-size-exceeded') refuse();
        },
        onRetry: (retry) => {
          if (destination.closed) return;
          lastRetry = retry;
          onRetry?.(retry);
        },
        onEvent: (message) => {
          heldLength = 0;
          if (isUnended) {
            longEvent ??= new LongEvent();
            longEvent.add(message);
            if (longEvent.length > maxEventBytes + 1) refuse();
            return;
          }
          const whole = longEvent ? longEvent.end(message) : message;
          longEvent = undefined;
          if (whole) emit(whole);
        },
      });
      // The parser would strip the characters ï»¿ from its first feed; the byte order mark is the decoder's business.
      parser.feed('');

      /** Takes out of the parser what it has of an event whose end has not come. */
      const takeOut = () => {
        isUnended = true;
        parser.feed('data:\n\n');
        isUnended = false;
        if (!destination.closed) parser.feed('data:\n');
      };
      /** Feeds whole lines only, so that a line without end is refused at the same place for every cut of the bytes. */
      const feed = (text: string) => {
        const end = text.lastIndexOf('\n') + 1;
        if (end > 0) {
          const lines = pieces.join('') + text.slice(0, end);
          pieces = [];
          lineLength = newPieces = 0;
          // Of comments it keeps nothing.
          if (/^data/m.test(lines)) heldLength += lines.length;
          if (lines.length <= maxEventBytes) parser.feed(lines);
          else {
            for (const line of lines.match(/[^\n]*\n/g) ?? []) {
              if (line.length > maxLine) refuse();
              if (destination.closed) return;
              parser.feed(line);
            }
          }
        }
        if (heldLength > MAX_HELD && !destination.closed) takeOut();
        if (end === text.length) return;
        pieces.push(text.slice(end));
        lineLength += text.length - end;
        // Only the new ones: to join all of them each time would be quadratic.
        if (++newPieces % MAX_PIECES === 0) pieces.push(pieces.splice(-MAX_PIECES).join(''));
        if (lineLength >= maxLine) refuse();
      };
      /** A CR that ends a read ends its line at once; the LF that may follow is swallowed. */
      const decode = (text: string) => {
        if (text === '') return;
        const isRestOfCRLF = endsInCR && text.startsWith('\n');
        endsInCR = text.endsWith('\r');
        const lines = isRestOfCRLF ? text.slice(1) : text;
        feed(lines.includes('\r') ? lines.replace(/\r\n?/g, '\n') : lines);
      };
      source.subscribe(
        new Through(destination, {
          next: (bytes: Uint8Array) => {
            decode(decoder.decode(bytes));
          },
          complete: () => {
            decode(decoder.decode());
            isUnterminated = true;
            feed('\n\n');
            destination.complete();
          },
        }),
      );
    });
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
