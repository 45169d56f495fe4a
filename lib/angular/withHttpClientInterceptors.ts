import { HttpClient } from '@angular/common/http';
import { inject } from '@angular/core';
import { httpClientTransport } from './httpClientTransport.ts';
import type { RxDeltaFeature } from './RxDeltaFeature.ts';

/**
 * Sends the requests of the client through the interceptors of HttpClient, so that those of the app hold for streams too: an
 * authorization header, a refresh of its token at a 401, logging, the header against XSRF. The cost of a stream stays linear,
 * and its errors are the same as without. It needs `rxdeltaInterceptor` as the last one, and says so where it is missing.
 *
 * An error that an interceptor of the app throws by itself reaches the subscriber unchanged. A `transport` among the options
 * is what sends the requests in the end; else it is fetch.
 *
 * @throws TypeError from a stream, when `rxdeltaInterceptor` is missing
 * @example
 * ```ts
 * import { provideHttpClient, withInterceptors } from '@angular/common/http';
 * import { provideRxDelta, rxdeltaInterceptor, withHttpClientInterceptors } from 'rxdelta/angular';
 *
 * export const providers = [
 *   provideHttpClient(withInterceptors([rxdeltaInterceptor])),
 *   provideRxDelta({ baseURL: '/api/openai' }, withHttpClientInterceptors()),
 * ];
 * ```
 * @see https://angular.dev/guide/http/interceptors
 */
/* @__NO_SIDE_EFFECTS__ */
export function withHttpClientInterceptors(): RxDeltaFeature {
  return {
    configure: (options) => ({ ...options, transport: httpClientTransport(inject(HttpClient), options.transport) }),
  };
}
