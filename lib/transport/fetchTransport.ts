import { Observable, type Subscription } from 'rxjs';
import { APIConnectionError } from '../errors/APIConnectionError.ts';
import { connectionFailure } from './connectionFailure.ts';
import type { Transport } from './Transport.ts';

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
 * minutes without a head, or of silence, which is an `APIConnectionTimeoutError` as well; and it lets a TLS handshake
 * that is not answered run for ten seconds after the request was aborted.
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
  return ({ url, method, headers, body: sent, gate }) =>
    new Observable((head) => {
      const controller = new AbortController();
      const abort = () => {
        controller.abort();
      };

      /** Reads on until the body ends or is unsubscribed; while the gate is held, the next read waits. */
      const readBody = ({ body }: Response) =>
        new Observable<Uint8Array>((bytes) => {
          const reader = body?.getReader();
          let opening: Subscription | undefined;
          const read = () => {
            if (bytes.closed) return;
            if (gate?.isOpen === false) {
              opening ??= gate.open$.subscribe((isOpen) => {
                if (isOpen) read();
              });
              return;
            }
            opening?.unsubscribe();
            opening = undefined;
            if (!reader) end();
            else void reader.read().then(({ done, value }) => (done ? end() : deliver(value)), fail);
          };
          const deliver = (value: Uint8Array) => {
            bytes.next(value);
            read();
          };
          const end = () => {
            bytes.complete();
            head.complete();
          };
          const fail = (failure: unknown) => {
            bytes.error(connectionFailure(failure, 'body'));
            head.complete();
          };
          bytes.add(abort);
          bytes.add(() => opening?.unsubscribe());
          read();
        });

      const { fetch: send = fetch, credentials } = options;
      send(url, {
        method,
        headers,
        redirect: 'manual',
        cache: 'no-store',
        signal: controller.signal,
        ...(sent !== undefined && { body: sent }),
        ...(credentials && { credentials }),
      }).then(
        (response) => {
          if (head.closed) return;
          if (response.type === 'opaqueredirect') {
            const message = 'The server redirects the request, and redirects are not followed';
            head.error(new APIConnectionError(message, { phase: 'head', retryable: false }));
            return;
          }
          const received = Object.fromEntries(headerEntries(response));
          head.next({ status: response.status, headers: received, url: response.url || url, body: readBody(response) });
        },
        (failure: unknown) => {
          head.error(connectionFailure(failure, 'head'));
        },
      );
      return abort;
    });
}

/** By `forEach`, which the types of every platform know. */
function headerEntries(response: Response): [string, string][] {
  const entries: [string, string][] = [];
  response.headers.forEach((value, name) => entries.push([name, value]));
  return entries;
}
