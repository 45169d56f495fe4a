import { Observable, type OperatorFunction } from 'rxjs';
import { sinkOf } from '../rx/sinkOf.ts';
import { Through } from '../rx/Through.ts';
import { completeMaxEventBytes } from './completeMaxEventBytes.ts';
import type { DecodeEventsOptions } from './DecodeEventsOptions.ts';
import { eventDecoder } from './eventDecoder.ts';
import type { ServerSentEvent } from './ServerSentEvent.ts';

/**
 * Decodes bytes into server-sent events.
 *
 * ```marbles
 * bytes    --[data: a\n]--[\ndata:]--[ b\n\n]--|
 *          decodeEvents()
 * events   ---------------a----------b---------|
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
export function decodeEvents(options: DecodeEventsOptions = {}): OperatorFunction<Uint8Array, ServerSentEvent> {
  completeMaxEventBytes(options.maxEventBytes);
  return (source) =>
    new Observable((destination) => {
      const decode = eventDecoder(options, destination, sinkOf(destination));
      source.subscribe(new Through(destination, { next: decode, complete: decode }));
    });
}
