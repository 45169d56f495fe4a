import { defer, of, throwError, type Observable } from 'rxjs';
import type { Transport, TransportRequest, TransportResponse } from 'rxdelta';

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The bytes of each text, as values for marbles. */
export function eachInBytes(texts: Record<string, string>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, bytesOf(text)]));
}

/** A response; its body is a stream of events unless the head says otherwise, and a text comes at once. */
export function respond(
  body: Observable<Uint8Array> | string,
  head: Partial<Omit<TransportResponse, 'body'>> = {},
): TransportResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    url: 'http://server.test/',
    body: typeof body === 'string' ? of(bytesOf(body)) : body,
    ...head,
  };
}

/**
 * Stands in for the wire: keeps what was sent, and answers the first request with the first answer, and so on; the last
 * one serves all that follow. A request counts once it is subscribed.
 */
export class FakeTransport {
  readonly requests: TransportRequest[] = [];
  readonly #answers: Observable<TransportResponse>[];

  constructor(...answers: (Observable<TransportResponse> | TransportResponse)[]) {
    this.#answers = answers.map((answer) => ('subscribe' in answer ? answer : of(answer)));
  }

  readonly send: Transport = (request) =>
    defer(() => {
      const index = Math.min(this.requests.push(request), this.#answers.length) - 1;
      return this.#answers[index] ?? throwError(() => new Error('Nobody prepared an answer'));
    });
}

/** An observer that does not mind an error. Where there is none, an error that comes all the same ends the process. */
export const unconcerned = { error: () => undefined };
