import {
  HttpContext,
  HttpEventType,
  HttpHeaders,
  HttpRequest,
  type HttpClient,
  type HttpErrorResponse,
  type HttpEvent,
  type HttpResponseBase,
} from '@angular/common/http';
import { EMPTY, Observable, of, ReplaySubject, Subject, Subscription, throwError } from 'rxjs';
import { CallersError } from '../errors/CallersError.ts';
import type { Transport, TransportResponse } from '../transport/Transport.ts';
import { headerRecord } from './headerRecord.ts';
import type { HttpBytesEvent } from './HttpBytesEvent.ts';
import { HTTP_EXCHANGE, type HttpExchange } from './HttpExchange.ts';

/**
 * Makes a transport whose requests go through the interceptors of HttpClient, the last of which must be
 * `rxdeltaInterceptor`. What it gives the client is what the transport behind gives.
 *
 * @param transport - what sends the requests in the end; fetch unless given
 * @throws TypeError when a request is sent by something else than `rxdeltaInterceptor`
 */
export function httpClientTransport(http: HttpClient, transport: Transport | undefined): Transport {
  return (request) =>
    new Observable((head) => {
      const wanted$ = new ReplaySubject<void>(1);
      const exchange: HttpExchange = {
        request,
        transport,
        wanted$,
        meanings: new WeakMap(),
        isTaken: false,
        isAnswered: false,
      };
      const sending = new Subscription();
      const bytes$ = new Subject<Uint8Array>();
      const body$ = new Observable<Uint8Array>((bytes) => {
        const reading = bytes$.subscribe(bytes);
        wanted$.next();
        return reading;
      });
      const respond = (response: TransportResponse) => {
        exchange.isAnswered = true;
        head.next(response);
      };
      const fail = (error: Error) => {
        if (!exchange.isAnswered) head.error(error);
        bytes$.error(error);
        head.complete();
      };
      const complete = () => {
        bytes$.complete();
        head.complete();
      };
      const receive = (event: HttpEvent<string>) => {
        if (event.type === HttpEventType.Response) {
          // An interceptor may answer by itself.
          if (!exchange.isAnswered) respond({ ...headOf(event, request.url), body: bodyOf(event.body) });
          complete();
        } else if (event.type === HttpEventType.User) {
          // Interceptors may have events of their own.
          const { bytes } = event as Partial<HttpBytesEvent>;
          if (ArrayBuffer.isView(bytes)) bytes$.next(bytes);
        } else if (!exchange.isTaken) {
          const where = 'provideHttpClient(withInterceptors([…, rxdeltaInterceptor]))';
          fail(new TypeError(`rxdeltaInterceptor is missing, or another takes its requests: ${where}`));
        } else if (event.type === HttpEventType.ResponseHeader && event.ok && !exchange.isAnswered) {
          respond({ ...headOf(event, request.url), body: body$ });
        }
      };
      head.add(sending);
      sending.add(
        http.request<string>(requestOf(exchange)).subscribe({
          next: receive,
          error: (error: unknown) => {
            const own$ = throwError(() => new CallersError(undefined, { cause: error }));
            const meaning$ = exchange.meanings.get(error as HttpErrorResponse) ?? own$;
            meaning$.subscribe({
              next: respond,
              error: (meaning: unknown) => {
                fail(meaning as Error);
              },
              complete,
            });
          },
          complete,
        }),
      );
    });
}

function requestOf(exchange: HttpExchange): HttpRequest<string> {
  const { method, url, headers, body = null } = exchange.request;
  return new HttpRequest<string>(method, url, body, {
    headers: new HttpHeaders(headers),
    context: new HttpContext().set(HTTP_EXCHANGE, exchange),
    responseType: 'text',
  });
}

function headOf({ status, headers, url }: HttpResponseBase, asked: string): Omit<TransportResponse, 'body'> {
  return { status, headers: headerRecord(headers), url: url ?? asked };
}

function bodyOf(body: unknown): Observable<Uint8Array> {
  if (body === null) return EMPTY;
  if (body instanceof ArrayBuffer) return of(new Uint8Array(body));
  if (body instanceof Uint8Array) return of(body);
  return of(new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)));
}
