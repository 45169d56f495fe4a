import { filter, firstValueFrom, fromEvent, Observable, race, type Subscriber } from 'rxjs';
import { APIConnectionError } from '../errors/APIConnectionError.ts';
import { connectionFailure, type TransportPhase } from './connectionFailure.ts';
import type { Transport } from './Transport.ts';

/** Options of `fetchTransport`. */
export interface FetchTransportOptions {
  /** The function that makes the request. Default: the global `fetch` at the time of the request. */
  fetch?: typeof fetch;
}

/**
 * Makes the transport of browsers, workers, Deno and Bun: requests through fetch, with one AbortController each.
 *
 * There is no `connectMs` through fetch: `responseMs` covers the connection too. Node's own fetch gives up after five
 * minutes without a head, or of silence, which is an `APIConnectionTimeoutError` as well; and it lets a TLS handshake
 * that is not answered run for ten seconds, also when the request was aborted before.
 *
 * @param options - `fetch`, for cookies to another origin, for example
 * @param failureOf - makes the typed error of what fetch failed with; the platform's own unless set
 * @example
 * ```ts
 * import { createClient, fetchTransport } from 'rxdelta';
 *
 * const withCookies: typeof fetch = (url, init) => fetch(url, { ...init, credentials: 'include' });
 * export const client = createClient({ baseURL: '/api', transport: fetchTransport({ fetch: withCookies }) });
 * ```
 */
export function fetchTransport(
  options: FetchTransportOptions = {},
  failureOf: (failure: unknown, phase: TransportPhase) => Error = connectionFailure,
): Transport {
  return ({ url, method, headers, body, gate }) =>
    new Observable((head) => {
      const controller = new AbortController();
      const abort = () => {
        controller.abort();
      };

      /** Reads until the end of the body, except while the gate is held. */
      const pump = async (body: Response['body'], bytes: Subscriber<Uint8Array>) => {
        try {
          const reader = body?.getReader();
          while (!bytes.closed) {
            const read = await reader?.read();
            // What was read while the gate was held waits here, and with it the next read.
            while (gate?.isOpen === false && !bytes.closed) {
              const opened = race(gate.open$.pipe(filter(Boolean)), fromEvent(controller.signal, 'abort'));
              await firstValueFrom(opened, { defaultValue: true });
            }
            if (!read || read.done) break;
            bytes.next(read.value);
          }
          bytes.complete();
        } catch (failure) {
          bytes.error(failureOf(failure, 'body'));
        }
        head.complete();
      };

      try {
        // fetch would make a failed connection of it, and its words would show the value.
        new Request(url, { headers });
      } catch {
        throw new TypeError('Invalid URL or header');
      }
      const { fetch: send = fetch } = options;
      send(url, {
        method,
        headers,
        redirect: 'manual',
        cache: 'no-store',
        signal: controller.signal,
        ...(body !== undefined && { body }),
      }).then(
        (response) => {
          if (response.type === 'opaqueredirect') {
            head.error(new APIConnectionError('Redirect not followed', { phase: 'head', retryable: false }));
          }
          const received: Record<string, string> = {};
          // Cookies come one by one.
          response.headers.forEach((value, name) => {
            received[name] = Object.hasOwn(received, name) ? `${received[name]}, ${value}` : value;
          });
          head.next({
            status: response.status,
            headers: received,
            url: response.url || url,
            body: new Observable((bytes) => {
              void pump(response.body, bytes);
              return abort;
            }),
          });
        },
        (failure: unknown) => {
          head.error(failureOf(failure, 'head'));
        },
      );
      return abort;
    });
}
