import type { OperatorFunction } from 'rxjs';
import { encodeValues } from './encodeValues.ts';
import type { ServerSentEventsOptions } from './ServerSentEventsOptions.ts';

/**
 * Writes each value as a server-sent event, as OpenAI's API does: whoever reads that, reads this.
 *
 * ```text
 * values   --a--b-----------|
 *          toServerSentEvents({ heartbeatMs: 5 })
 * text     --A--B----:----:-D                   A: data: {…}   :: a comment   D: data: [DONE]
 * ```
 *
 * Every text is one or more whole events. At completion comes `[DONE]`, but not after the events of a Response, which OpenAI
 * ends without. An error becomes an event of its own, `{"error": {…}}`, in neutral words and without anything that is
 * not for the reader; from it a client of rxdelta makes an error of the same class again. Then it completes: it has no
 * errors itself. An abort is an `APIStreamError` with the code `aborted` for the reader, who has aborted nothing; what is
 * no `APIError` is one with the code `internal_error`. After `response.failed` no further error is told.
 *
 * An empty source gives `[DONE]`. Unsubscribing unsubscribes the source. A retry upstream that starts an answer again
 * cannot be seen by the reader: put no `afterFirstChunk: 'restart'` before it.
 *
 * @param options - `id`, `event`, `retryMs`, `heartbeatMs` (15000), `done`, `errorMessage`, `scheduler`
 * @throws RangeError at once when `heartbeatMs` is not above 0, or `retryMs` not a whole number of at least 0
 * @example
 * ```ts
 * import { createClient } from 'rxdelta';
 * import { toServerSentEvents } from 'rxdelta/server';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] })
 *   .pipe(toServerSentEvents({ id: (_, index) => index }))
 *   .subscribe((text) => process.stdout.write(text));
 * ```
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
/* @__NO_SIDE_EFFECTS__ */
export function toServerSentEvents<T>(options: ServerSentEventsOptions<T> = {}): OperatorFunction<T, string> {
  return encodeValues(options, false);
}
