import { Observable, type Subscriber, type Subscription } from 'rxjs';
import { APIConnectionError } from '../errors/APIConnectionError.ts';
import { connectionFailure } from './connectionFailure.ts';
import type { Transport, TransportRequest, TransportResponse } from './Transport.ts';

/** Options of `fetchTransport`. */
export interface FetchTransportOptions {
  /** The function that makes the request. Default: the global `fetch` at the time of the request. */
  fetch?: typeof fetch;
  /** Whether cookies go along: `omit`, `same-origin` or `include`. Default `same-origin`, as fetch has it. */
  credentials?: 'omit' | 'same-origin' | 'include';
}

/**
 * Makes the transport of browsers, workers, Deno and Bun: requests through fetch, with one AbortController each.
 *
 * There is no `connectMs` through fetch: `responseMs` covers the connection too. Node's own fetch gives up after five
 * minutes without a head, or of silence; that is an `APIConnectionTimeoutError` as well.
 *
 * @param options - `fetch` and `credentials`
 * @example
 * ```ts
 * import { createClient, fetchTransport } from 'rxdelta';
 *
 * export const client = createClient({ baseURL: '/api', transport: fetchTransport({ credentials: 'include' }) });
 * ```
 */
export function fetchTransport(options: FetchTransportOptions = {}): Transport {
  return (request) => new Observable((head) => send(request, options, head));
}

function send(request: TransportRequest, options: FetchTransportOptions, head: Subscriber<TransportResponse>): () => void {
  const abort = new AbortController();
  const fetchNow = options.fetch ?? fetch;
  fetchNow(request.url, {
    method: request.method,
    headers: request.headers,
    redirect: 'manual',
    cache: 'no-store',
    signal: abort.signal,
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  }).then(
    (response) => {
      if (head.closed) return;
      if (response.type === 'opaqueredirect') {
        const message = 'The server redirected the request; redirects are not followed';
        head.error(new APIConnectionError(message, { phase: 'head', retryable: false }));
        return;
      }
      const headers: Record<string, string> = {};
      response.headers.forEach((value, name) => {
        headers[name] = value;
      });
      const body = new Observable<Uint8Array>((subscriber) => readBody(response, request, subscriber, head, abort));
      head.next({ status: response.status, headers, url: response.url || request.url, body });
    },
    (failure: unknown) => {
      head.error(connectionFailure(failure, 'head', request.url));
    },
  );
  return () => {
    abort.abort();
  };
}

function readBody(
  response: Response,
  { gate, url }: TransportRequest,
  body: Subscriber<Uint8Array>,
  head: Subscriber<TransportResponse>,
  abort: AbortController,
): () => void {
  const reader = response.body?.getReader();
  let opening: Subscription | undefined;
  const read = () => {
    if (body.closed) return;
    if (gate && !gate.isOpen) {
      opening = gate.open$.subscribe((isOpen) => {
        if (!isOpen) return;
        opening?.unsubscribe();
        read();
      });
      return;
    }
    reader?.read().then(({ done, value }) => {
      if (done) {
        end();
        return;
      }
      body.next(value);
      read();
    }, fail);
  };
  const end = () => {
    body.complete();
    head.complete();
  };
  const fail = (failure: unknown) => {
    body.error(connectionFailure(failure, 'body', url));
    head.complete();
  };
  if (reader) read();
  else end();
  return () => {
    opening?.unsubscribe();
    abort.abort();
  };
}
