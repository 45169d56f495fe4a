import { HttpContextToken, type HttpErrorResponse } from '@angular/common/http';
import type { Observable } from 'rxjs';
import type { Transport, TransportRequest, TransportResponse } from '../transport/Transport.ts';

/** One request on its way through HttpClient: what the transport that begins it and the interceptor that ends it share. */
export interface HttpExchange {
  /** What the client asks for; headers and URL become those that are sent, so that the client knows all credentials. */
  readonly request: TransportRequest;
  /** Sends it. Default: fetch. */
  readonly transport: Transport | undefined;
  /** Emits once the body is to be read. */
  readonly wanted$: Observable<void>;
  /** What the failures are to the client: a response with a failing status, or the error that there is without HttpClient. */
  readonly meanings: WeakMap<HttpErrorResponse, Observable<TransportResponse>>;
  /** How the answer that had begun has failed. */
  failure?: HttpErrorResponse;
  /** Whether the interceptor has taken the request. */
  isTaken: boolean;
  /** Whether the client has been given a response. */
  isAnswered: boolean;
}

/** Flags a request that streams, in the context of HttpRequest. */
export const HTTP_EXCHANGE = /* @__PURE__ */ new HttpContextToken<HttpExchange | undefined>(() => undefined);
