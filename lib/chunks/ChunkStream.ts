import { endWith, from, map, Observable, type ObservableInput, type Subscriber } from 'rxjs';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { FlowGate } from '../transport/FlowGate.ts';
import { chunksOnce } from './chunksOnce.ts';
import type { ResponseHead } from './ResponseHead.ts';
import { iterate } from './toAsyncIterable.ts';

/** A response whose head has come, with the chunks of its body. */
export interface StreamResponse<T> {
  /** Status, headers, request id and URL. */
  response: ResponseHead;
  /** The chunks; can be subscribed once. */
  chunks: Observable<T>;
}

/** The three ways to make one and the same request. */
export interface StreamOpener<T> {
  /** The chunks; with a gate, that of this subscription beside the request's own. */
  chunks: (gate?: FlowGate) => Observable<T>;
  /** The head first, then the chunks. */
  withResponse: () => Observable<StreamResponse<T>>;
  /** The events as they come. */
  events: () => Observable<ServerSentEvent>;
  /** Whether the end of the chunks has been judged by the rule, so that nobody needs to judge it again. */
  isJudged: boolean;
}

/**
 * The answer to a request as a cold Observable of chunks: every subscription is a request of its own, and unsubscribing
 * closes its connection.
 *
 * It completes when the answer is whole, and ends with an `APIError` otherwise.
 *
 * @example
 * ```ts
 * import { contentDeltas, createClient } from 'rxdelta';
 *
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] })
 *   .pipe(contentDeltas())
 *   .subscribe((text) => process.stdout.write(text));
 * ```
 */
export class ChunkStream<T> extends Observable<T> implements AsyncIterable<T> {
  /** The ways to make the request; for the methods of this class. */
  readonly opener: StreamOpener<T>;

  constructor(opener: StreamOpener<T>) {
    super((subscriber) => opener.chunks().subscribe(subscriber));
    this.opener = opener;
  }

  /**
   * A stand-in without a request, for tests and for services that take a stream: `ChunkStream.of(cold('a-b|'))`.
   *
   * @param source - the chunks
   * @param response - what `withResponse()` gives as the head; status 200 without headers unless set
   */
  static of<T>(source: ObservableInput<T>, response?: Partial<ResponseHead>): ChunkStream<T> {
    const head: ResponseHead = { status: 200, headers: {}, url: '', ...response };
    const chunks = from(source);
    return new ChunkStream({
      chunks: () => chunks,
      withResponse: () =>
        new Observable((destination) => {
          const open = (subscriber: Subscriber<T>) => destination.add(chunks.subscribe(subscriber));
          destination.next({ response: head, chunks: chunksOnce(destination, open) });
        }),
      events: () =>
        chunks.pipe(
          map((chunk) => ({ data: JSON.stringify(chunk) })),
          endWith({ data: '[DONE]' }),
        ),
      isJudged: false,
    });
  }

  /**
   * Makes the request, and emits its head with the chunks to come: once, at a head of 200–299. It completes when the
   * chunks have ended. Flatten it with `switchMap(({ chunks }) => chunks)`: unsubscribing it closes the connection.
   *
   * The body is not read until the chunks are subscribed, while the limit `idleMs` runs, so that chunks which nobody
   * wants are closed. They can be subscribed once. The client's `retry` covers failures before the head only.
   *
   * @throws every error that may come before the head; from the chunks, every error after it
   * @throws APIUserAbortError from chunks that are subscribed a second time, or after the connection was closed
   */
  withResponse(): Observable<StreamResponse<T>> {
    return this.opener.withResponse();
  }

  /**
   * Makes the request, and emits every event with data as it came, `[DONE]` and errors inside the stream included.
   * Completes after `[DONE]`, or at the end of the body: whether the answer was whole is not judged; add `untilDone()`.
   *
   * @throws connection, status and limit errors, and those of an answer that is no event stream
   */
  events(): Observable<ServerSentEvent> {
    return this.opener.events();
  }

  /**
   * Makes the request at the first pull. A slow loop makes the server wait; `break` closes the connection.
   *
   * @throws what the stream ends with, after the chunks before it
   */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const gate = new FlowGate();
    return iterate(this.opener.chunks(gate), gate);
  }
}
