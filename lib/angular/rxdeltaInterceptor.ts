import {
  HttpErrorResponse,
  HttpEventType,
  HttpHeaderResponse,
  HttpHeaders,
  HttpResponse,
  type HttpEvent,
  type HttpHandlerFn,
  type HttpRequest,
} from '@angular/common/http';
import { asyncScheduler, catchError, concat, defer, map, of, switchMap, take, throwError, type Observable } from 'rxjs';
import { fetchTransport } from '#transport';
import { readText } from '../client/readText.ts';
import { APIConnectionError } from '../errors/APIConnectionError.ts';
import type { Transport, TransportRequest, TransportResponse } from '../transport/Transport.ts';
import { headerRecord } from './headerRecord.ts';
import type { HttpBytesEvent } from './HttpBytesEvent.ts';
import { HTTP_EXCHANGE, type HttpExchange } from './HttpExchange.ts';

/**
 * Sends the streams of a client that has the feature `withHttpClientInterceptors`, as the interceptors before it have left
 * them; all other requests pass. It stands last in the list, since interceptors behind it see no streams.
 *
 * The interceptors before it see `Sent`, the head, an `HttpBytesEvent` for each read, and at the end an `HttpResponse`
 * without a body; a failure is an `HttpErrorResponse`, whose `error` is the text that the server sent with a failing
 * status, else the error of rxdelta. Sending a request again is possible until its answer has begun; then it fails at
 * once, as it did before. Unsubscribing closes the connection at every stage.
 *
 * @param request - flagged by the client, or not ours
 * @param next - what all other requests are passed to
 * @example
 * ```ts
 * import { provideHttpClient, withInterceptors, type HttpInterceptorFn } from '@angular/common/http';
 * import { provideRxDelta, rxdeltaInterceptor, withHttpClientInterceptors } from 'rxdelta/angular';
 *
 * const auth: HttpInterceptorFn = (request, next) => next(request.clone({ setHeaders: { 'x-app': 'chat' } }));
 * export const providers = [
 *   provideHttpClient(withInterceptors([auth, rxdeltaInterceptor])),
 *   provideRxDelta({ baseURL: '/api/openai' }, withHttpClientInterceptors()),
 * ];
 * ```
 * @see https://angular.dev/guide/http/interceptors
 */
export function rxdeltaInterceptor(request: HttpRequest<unknown>, next: HttpHandlerFn): Observable<HttpEvent<unknown>> {
  const exchange = request.context.get(HTTP_EXCHANGE);
  return exchange ? defer(() => send(request, exchange)) : next(request);
}

/** The head of a response, and of what becomes of it in HttpClient. */
interface Head {
  status: number;
  headers: HttpHeaders;
  url: string;
}

function send(request: HttpRequest<unknown>, exchange: HttpExchange): Observable<HttpEvent<unknown>> {
  exchange.isTaken = true;
  const failureOf = (meaning: Observable<TransportResponse>, error: unknown, head?: Head) => {
    const failure = new HttpErrorResponse({ status: 0, url: request.urlWithParams, ...head, error });
    exchange.meanings.set(failure, meaning);
    return failure;
  };
  const broken = (error: unknown, head?: Head) => {
    const meaning = throwError(() => error as Error);
    return failureOf(meaning, error, head);
  };

  if (exchange.isAnswered) {
    // A second answer would be taken for the rest of the first.
    const again = new APIConnectionError('Sent again after the answer had begun', { phase: 'body' });
    return throwError(() => exchange.failure ?? broken(again));
  }

  const refusal = (response: TransportResponse, head: Head): Observable<never> =>
    readText(response.body, asyncScheduler, false).pipe(
      switchMap((text) =>
        throwError(() => failureOf(of({ ...response, body: of(new TextEncoder().encode(text)) }), text, head)),
      ),
    );

  const answer = (response: TransportResponse, head: Head): Observable<HttpEvent<unknown>> =>
    concat(
      of(new HttpHeaderResponse(head)),
      exchange.wanted$.pipe(
        take(1),
        switchMap(() => response.body),
        map((bytes): HttpBytesEvent => ({ type: HttpEventType.User, bytes })),
        catchError((error: unknown) => {
          exchange.failure = broken(error, head);
          return throwError(() => exchange.failure);
        }),
      ),
      of(new HttpResponse({ ...head, body: '' })),
    );

  const transport = exchange.transport ?? fetchWith(request);
  const events$ = transport(requestOf(request, exchange.request)).pipe(
    catchError((error: unknown) => throwError(() => broken(error))),
    switchMap((response) => {
      const { status, url } = response;
      const head = { status, url, headers: new HttpHeaders(response.headers) };
      return status >= 200 && status < 300 ? answer(response, head) : refusal(response, head);
    }),
  );
  return concat(of({ type: HttpEventType.Sent as const }), events$);
}

/** Sends cookies to another origin where an interceptor says so. */
function fetchWith({ withCredentials, credentials }: HttpRequest<unknown>): Transport {
  const mode = withCredentials ? 'include' : credentials;
  return fetchTransport({ fetch: (url, init) => fetch(url, { ...init, ...(mode && { credentials: mode }) }) });
}

/** @throws TypeError when the body has become something else than text */
function requestOf(request: HttpRequest<unknown>, asked: TransportRequest): TransportRequest {
  const body = request.serializeBody();
  if (body !== null && typeof body !== 'string') throw new TypeError('The body of a stream must be text');
  // What the client has made of it for this attempt, so that it also hides the credentials that interceptors have added.
  Object.assign(asked, { url: request.urlWithParams, headers: headerRecord(request.headers) });
  const { body: _asked, ...rest } = asked;
  return { ...rest, method: request.method as 'POST', ...(body !== null && { body }) };
}
