import type { OperatorFunction } from 'rxjs';
import type { Response, ResponseStreamEvent } from '../openai/index.ts';
import { accumulate } from './accumulate.ts';
import { ResponseSnapshot } from './ResponseSnapshot.ts';

/**
 * Emits the Response so far, after each event that changes it: in the end what the API had answered without `stream`.
 *
 * ```marbles
 * events     --created--(item)--Hel--lo--completed|
 *            accumulateResponse()
 * responses  --1--------2-------3----4---5--------|
 * ```
 *
 * Items, parts, text, refusals, reasoning, arguments, code, commands, annotations, log probabilities and statuses are read
 * from the events as they come; `output_text` holds all text so far. The Response of the terminal event stands in the
 * end; where a server leaves its output empty, what was read stays. Events of unknown types change nothing. An item is
 * found by its id first, then by its place, so that items which a server gives one place are all there.
 *
 * A snapshot shares with the next what has not changed, and is never changed after it was emitted; log probabilities are
 * copied when they are read. Completion and errors pass through: the last snapshot holds what had come when a stream was
 * cut, and before the error of `response.failed` the failed Response is emitted. An empty source gives nothing.
 * Unsubscribing unsubscribes the source. After a retry upstream that starts the answer again, the Response starts again
 * too. The cost of an event does not grow with the text.
 *
 * @throws MalformedStreamError (`json`) when an event carries an impossible index
 * @example
 * ```ts
 * import { lastValueFrom } from 'rxjs';
 * import { accumulateResponse, createClient } from 'rxdelta';
 *
 * const stream = createClient().responses.stream({ model: 'gpt-4o-mini', input: 'Hello' });
 * const response = await lastValueFrom(stream.pipe(accumulateResponse()));
 * console.log(response.output_text, response.usage?.total_tokens);
 * ```
 * @see https://platform.openai.com/docs/api-reference/responses/object
 */
/* @__NO_SIDE_EFFECTS__ */
export function accumulateResponse(): OperatorFunction<ResponseStreamEvent, Response> {
  return accumulate(() => {
    const snapshot = new ResponseSnapshot();
    return (event) => snapshot.add(event);
  });
}
