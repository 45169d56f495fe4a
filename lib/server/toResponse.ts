import type { Observable } from 'rxjs';
import { FlowGate } from '../transport/FlowGate.ts';
import { encodeValues } from './encodeValues.ts';
import type { ResponseOptions } from './ResponseOptions.ts';
import { sendToWeb } from './sendToWeb.ts';
import { withGate } from './withGate.ts';

/**
 * Makes a stream into a `Response` of the web, for Hono, Next.js, Deno, Bun and workers: each value is a server-sent event,
 * as `toServerSentEvents` writes it. Status, headers, errors and the gate are those of `pipeToResponse`.
 *
 * The response is there with the first event. When its body is cancelled, the source is unsubscribed; before there is a body,
 * that takes the `signal` of the request. The promise is never rejected.
 *
 * @param source - values that JSON can hold; subscribed once, at once
 * @param options - of `pipeToResponse`, and `signal`
 * @throws RangeError at once when a number is out of range
 * @example
 * ```ts
 * import { createClient } from 'rxdelta';
 * import { toResponse } from 'rxdelta/server';
 *
 * const client = createClient();
 * export function GET({ signal }: Request): Promise<Response> {
 *   const messages = [{ role: 'user' as const, content: 'Hello' }];
 *   return toResponse(client.chat.completions.stream({ model: 'gpt-4o-mini', messages }), { signal });
 * }
 * ```
 * @see https://fetch.spec.whatwg.org/#response-class
 */
export function toResponse<T>(source: Observable<T>, options: ResponseOptions<T> = {}): Promise<Response> {
  const { id: _id, event: _event, gate = new FlowGate(), ...sending } = options;
  return sendToWeb(withGate(source, gate).pipe(encodeValues(options, true)), { ...sending, gate });
}
